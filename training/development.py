"""What is looked at while training: small samples of development data."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.cross_encoder import CrossEncoder, Window
from training import data
from training.batches import window


def stretches(story: data.Story, longest: int = 4) -> list[Window]:
    """A whole story as windows of up to `longest` sentences, as the product cuts what it found."""
    return [
        window(story, first, min(first + longest, len(story.sentences)) - 1, title=True)
        for first in range(0, len(story.sentences), longest)
    ]


def auroc(positive: list[float], negative: list[float]) -> float:
    """The probability that a positive scores above a negative."""
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / max(1, len(positive) * len(negative))


class Development:
    """Samples of the development data.

    Our own questions over the whole Indonesian document, of NTREX and made up; IDK-MRC (held out of its train split);
    XQuAD-R's development articles across languages; IndoNLI val.
    """

    def __init__(self, ours: int = 70, made: int = 70, idk: int = 80, xquad: int = 60, support: int = 100) -> None:
        rng = random.Random(1)
        self.ours = self._drawn(rng, ours, data.authored_development(), data.ntrex())
        facts = list(data.squad(data.idk_mrc()[-data.HELD_OUT :], "id"))
        self.idk = rng.sample(facts, idk)
        self.xquad = []
        for parallel in rng.choices(data.xquad(data.DEVELOPMENT), k=xquad):
            asked, told = rng.sample(list(parallel.facts), 2)
            self.xquad.append(replace(parallel.facts[told], question=parallel.facts[asked].question))
        self.support = rng.sample(data.indonli("val"), support)
        self.made = self._drawn(rng, made, data.made_development(), data.made())

    @staticmethod
    def _drawn(
        rng: random.Random, count: int, questions: Sequence[data.Authored], stories: Mapping[str, Mapping[str, data.Story]]
    ) -> list[data.Fact]:
        """Some of our questions, each in one of its languages, mostly neither Indonesian nor English."""
        drawn = []
        for question in rng.sample(questions, count):
            asked = [text for tag, text in question.questions.items() if tag not in ("id", "en")] or [*question.questions.values()]
            drawn.append(data.Fact(rng.choice(asked), stories[question.document]["id"], frozenset(question.lines), None))
        return drawn

    def measure(self, encoder: CrossEncoder) -> dict[str, float]:
        """Right sentence first, answerable from unanswerable (AUROC), support judged right; `score` is their mean."""
        figures = {}
        for name, facts in (("ours", self.ours), ("made", self.made), ("idk", self.idk), ("xquad", self.xquad)):
            right: list[bool] = []
            scores: dict[bool, list[float]] = {True: [], False: []}
            for fact in facts:
                sentences = [s for r in encoder.read(fact.question, stretches(fact.story)) for s in r.sentences]
                best = max(range(len(sentences)), key=sentences.__getitem__)
                if fact.gold:
                    right.append(best in fact.gold)
                scores[bool(fact.gold)].append(sentences[best])
            figures[f"{name}_first"] = sum(right) / len(right)
            if scores[False]:
                figures[f"{name}_auroc"] = auroc(scores[True], scores[False])
        judged = []
        for s in self.support:
            found = encoder.support(s.text, [s.passage])[0]
            values = (found.supported, found.contradicted, found.neither)
            judged.append(values.index(max(values)) == s.label)
        figures["support"] = sum(judged) / len(judged)
        return {n: round(v, 4) for n, v in figures.items()} | {"score": round(sum(figures.values()) / len(figures), 4)}
