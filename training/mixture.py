"""The sources of training examples, their weights, and what makes each hard."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s

from rag.embedding import Embedder, SentenceTransformerEmbedder
from training import batches, data
from training.batches import Example, Maker
from training.data import HELD_OUT, Authored, Contrast, Fact, Statement, Story
from training.vectors import Kept

SEED = 20240611
WEIGHTS = {
    "ntrex": 0.16, "made": 0.16, "made since": 0.11, "made before": 0.02, "follow-ups": 0.04, "claims": 0.2, "xquad": 0.04,
    "idk": 0.06, "squad-id": 0.06, "facqa": 0.02, "tydi-en": 0.02, "tydi-ko": 0.02, "tydi-sw": 0.02, "matching": 0.01,
    "indonli": 0.05, "translated": 0.01,
}  # fmt: skip
"""Share of the examples; ours are closest to the task: a question in any language over news in any language.

With questions about NTREX's real news at a twentieth, a run got worse at them while it got better at made-up news. News made
up longer ago the reader knows by heart, and learns little from: the newest is drawn most.
"""
MADE = {"made before": "train-?.jsonl", "made since": "train-1[01].jsonl", "made": "train-1[2-9].jsonl"}
"""Files of our questions, oldest first; 576 at the end of `train-9.jsonl` are as new as the second lot."""


class Mixture:
    """An endless stream of examples from several sources; each source is shuffled anew whenever it has been gone through."""

    def __init__(self, sources: dict[str, tuple[Sequence[Any], Maker, float]], seed: int) -> None:
        self.sources, self.seed = sources, seed
        self.random = random.Random(seed)
        self.taken = dict.fromkeys(sources, 0)
        self._orders: dict[tuple[str, int], list[int]] = {}

    def __next__(self) -> Example | Statement | Contrast:
        names = list(self.sources)
        name = self.random.choices(names, [self.sources[n][2] for n in names])[0]
        items, make, _ = self.sources[name]
        epoch, at = divmod(self.taken.get(name, 0), len(items))
        if (name, epoch) not in self._orders:
            self._orders = {k: v for k, v in self._orders.items() if k[0] != name}
            order = list(range(len(items)))
            random.Random(f"{self.seed} {name} {epoch}").shuffle(order)
            self._orders[name, epoch] = order
        self.taken[name] = self.taken.get(name, 0) + 1
        return make(items[self._orders[name, epoch][at]], self.random)

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on from here."""
        return {"random": self.random.getstate(), "taken": dict(self.taken)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state; sources that are new begin at their start."""
        self.random.setstate(state["random"])
        self.taken = dict.fromkeys(self.sources, 0) | {n: t for n, t in state["taken"].items() if n in self.sources}


def mixture(folder: Path, run: Path) -> Mixture:
    """What is trained on; hard places are found by the packaged model in the folder, whose vectors are kept in the run's."""
    facts = {
        "idk": list(data.squad(data.idk_mrc()[:-HELD_OUT], "id")),
        "squad-id": list(data.squad_id()),
        "facqa": list(data.facqa()),
        "tydi-en": list(data.tydi("en", "english")),
        "tydi-ko": list(data.tydi("ko", "korean")),
        "tydi-sw": list(data.tydi("sw", "swahili")),
    }
    indonesian = [f for name in ("idk", "squad-id", "facqa") for f in facts[name]]
    alike = dict(zip(map(id, indonesian), near(indonesian), strict=True))
    for name in ("tydi-en", "tydi-ko", "tydi-sw"):
        alike |= dict(zip(map(id, facts[name]), near(facts[name]), strict=True))
    parallels = data.xquad(data.TRAIN)
    lots = {name: data.authored(files) for name, files in MADE.items()}
    ours = [question for lot in lots.values() for question in lot]
    real, made_up = data.ntrex(), data.made()
    documents = real | made_up
    trained = {d: documents[d] for d in dict.fromkeys(q.document for q in ours)}
    follow_ups = data.follow_ups()
    embedder = Kept(SentenceTransformerEmbedder("packaged", home=folder.parent), run)
    own = batches.own(trained, confusable(ours + follow_ups, trained, embedder), ours)
    lines = [(d, n) for d, stories in trained.items() for n, (low, high) in enumerate(stories["en"].sentences) if high - low > 40]
    made = {name: ([(fact, alike[id(fact)]) for fact in some], batches.one_language) for name, some in facts.items()} | {
        "ntrex": ([q for q in ours if q.document in real], own),
        **{name: ([q for q in lot if q.document in made_up], own) for name, lot in lots.items()},
        "follow-ups": (follow_ups, own),
        "xquad": (parallels, batches.across(parallels)),
        "matching": (lines, batches.matching(trained)),
        "indonli": (data.indonli(), batches.statement),
        "claims": (data.claims(), batches.claimed(trained)),
        "translated": (lines, batches.translated(trained)),
    }
    return Mixture({name: (*made[name], weight) for name, weight in WEIGHTS.items() if made[name][0]}, SEED)


def near(facts: Sequence[Fact], count: int = 4) -> list[list[Story]]:
    """For each question, the stories that BM25 puts first, without its own and those that hold its answer's words."""
    stories = {fact.story.text: fact.story for fact in facts}
    texts = list(stories)
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords=None, show_progress=False), show_progress=False)
    asked = bm25s.tokenize([f.question for f in facts], stopwords=None, show_progress=False)
    places, _ = index.retrieve(asked, k=min(len(texts), count + 6), show_progress=False)
    found = []
    for fact, row in zip(facts, places, strict=True):
        answer = fact.story.text[slice(*fact.words)] if fact.words else None
        row_texts = [texts[i] for i in row if texts[i] != fact.story.text and not (answer and answer in texts[i])]
        found.append([stories[text] for text in row_texts[:count]])
    return found


def confusable(
    questions: Sequence[Authored], documents: dict[str, dict[str, Story]], embedder: Embedder, count: int = 8
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """For each of our questions, the places (document, line) that do not answer it and that our retrieval puts first.

    All of its own document, and as many of others as `count` says, but for those with the same answer nearby. Found once,
    between questions in one language and Indonesian lines; the line numbers hold in every language.
    """
    places = [(d, n) for d in documents for n in range(len(documents[d]["id"].sentences))]
    stories = [documents[d]["id"] for d, _ in places]
    texts = [f"{s.title} {s.text[slice(*s.sentences[n])]}" for s, (_, n) in zip(stories, places, strict=True)]
    asked, told = embedder.queries([batches.key(q)[1] for q in questions]), embedder.passages(texts)
    lines: dict[str, list[int]] = {}
    for i, (d, _) in enumerate(places):
        lines.setdefault(d, []).append(i)
    found = {}
    for question, vector in zip(questions, asked, strict=True):
        answer = question.answer.get("ind", "").lower()
        scores = told @ vector
        own = sorted(lines[question.document], key=lambda i: -scores[i])
        others: list[tuple[str, int]] = []
        for i in (-scores).argsort():
            d, n = places[i]
            story = stories[i]
            around = story.sentences[max(0, n - 3)][0], story.sentences[min(len(story.sentences) - 1, n + 3)][1]
            if d != question.document and not (answer and answer in story.text[slice(*around)].lower()):
                others.append((d, n))
            if len(others) == count:
                break
        found[batches.key(question)] = [places[i] for i in own if places[i][1] not in question.lines] + others
    return found
