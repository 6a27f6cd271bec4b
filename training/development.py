"""What is looked at while training: small samples of development data."""

import random
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
    """Questions of IDK-MRC (held out of its train split), XQuAD-R's development articles across languages, IndoNLI val."""

    def __init__(self, idk: int = 120, xquad: int = 80, support: int = 150) -> None:
        rng = random.Random(1)
        facts = list(data.squad(data.idk_mrc()[-data.HELD_OUT :], "id"))
        self.idk = rng.sample(facts, idk)
        self.xquad = []
        for parallel in rng.choices(data.xquad(data.DEVELOPMENT), k=xquad):
            asked, told = rng.sample(list(parallel.facts), 2)
            self.xquad.append(replace(parallel.facts[told], question=parallel.facts[asked].question))
        self.support = rng.sample(data.indonli("val"), support)

    def measure(self, encoder: CrossEncoder) -> dict[str, float]:
        """Right sentence first, answerable from unanswerable (AUROC), support judged right; `score` is their mean."""
        first, scores = {}, {True: [], False: []}
        for name, facts in (("idk", self.idk), ("xquad", self.xquad)):
            right = []
            for fact in facts:
                sentences = [s for r in encoder.read(fact.question, stretches(fact.story)) for s in r.sentences]
                best = max(range(len(sentences)), key=sentences.__getitem__)
                if fact.gold:
                    right.append(best in fact.gold)
                if name == "idk":
                    scores[bool(fact.gold)].append(sentences[best])
            first[name] = sum(right) / len(right)
        judged = []
        for s in self.support:
            found = encoder.support(s.text, [s.passage])[0]
            values = (found.supported, found.contradicted, found.neither)
            judged.append(values.index(max(values)) == s.label)
        figures = {
            "idk_first": first["idk"], "idk_auroc": auroc(scores[True], scores[False]), "xquad_first": first["xquad"],
            "support": sum(judged) / len(judged),
        }  # fmt: skip
        return {n: round(v, 4) for n, v in figures.items()} | {"score": round(sum(figures.values()) / len(figures), 4)}
