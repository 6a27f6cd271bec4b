"""Questions as the product is asked them, with the passages it would read and what is right: for calibrating and measuring."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np

from rag.embedding import Embedder
from rag.indexing import embedded_text
from rag.passages import passages
from rag.records import Document, Hit, Passage, Span
from rag.retrieval import CANDIDATES
from training.data import Authored, Fact, Parallel, Story


@dataclass(frozen=True)
class Case:
    """A question with its hits. `gold` are the stretches that answer (none: not answerable)."""

    question: str
    hits: tuple[Hit, ...]
    document: str
    gold: tuple[Span, ...]
    kind: str


class Pool:
    """Passages of documents with their vectors: the product's dense retrieval, in memory."""

    def __init__(self, documents: Sequence[Document], embedder: Embedder) -> None:
        self.documents = {d.id: d for d in documents}
        self._embedder = embedder

    @cached_property
    def passages(self) -> list[Passage]:
        """Of every document."""
        return [p for d in self.documents.values() for p in passages(d)]

    @cached_property
    def _vectors(self) -> np.ndarray:
        return self._embedder.passages([embedded_text(self.documents[p.document], p) for p in self.passages])

    def hits(self, questions: Sequence[str], within: Sequence[str | None], k: int = CANDIDATES) -> list[tuple[Hit, ...]]:
        """For each question, the k closest passages of all documents, or of the one that `within` names for it."""
        scores = self._embedder.queries(questions) @ self._vectors.T
        owners = np.array([p.document for p in self.passages])
        found = []
        for row, only in zip(scores, within, strict=True):
            allowed = [i for i in np.argsort(-row) if only is None or owners[i] == only][:k]
            chosen = [(self.passages[i], float(row[i])) for i in allowed]
            found.append(tuple(Hit(passage, score, self.documents[passage.document]) for passage, score in chosen))
        return found


def document(identifier: str, story: Story) -> Document:
    """A story as the library holds it."""
    return Document(identifier, story.text, story.title, story.language)


def of_fact(fact: Fact, kind: str) -> Case:
    """A question over its own paragraph, all of which is read."""
    own = document(sha256(fact.story.text.encode()).hexdigest()[:12], fact.story)
    gold = (Span(*fact.words),) if fact.words else tuple(Span(*fact.story.sentences[i]) for i in sorted(fact.gold))
    return Case(fact.question, tuple(Hit(p, 0.0, own) for p in passages(own)), own.id, gold, kind)


def across(parallels: Sequence[Parallel], rng: random.Random) -> Iterator[Case]:
    """XQuAD-R's questions over paragraphs in another language."""
    for parallel in parallels:
        asked, told = rng.sample(list(parallel.facts), 2)
        fact = replace(parallel.facts[told], question=parallel.facts[asked].question)
        yield of_fact(fact, f"xquad {asked}-{told}")


def ours(
    embedder: Embedder,
    rng: random.Random,
    questions: Sequence[Authored],
    stories: Mapping[str, Mapping[str, Story]],
) -> Iterator[Case]:
    """Our questions in two of their languages each, over their Indonesian document alone and over all that are asked about.

    Of those that are answerable, each is also asked over another document, which does not answer it.
    """
    names = list(dict.fromkeys(q.document for q in questions))
    pool = Pool([document(n, stories[n]["id"]) for n in names], embedder)
    asked = [(q, q.questions[tag], tag) for q in questions for tag in rng.sample(list(q.questions), 2)]
    alone = pool.hits([t for _, t, _ in asked], [q.document for q, _, _ in asked])
    whole = pool.hits([t for _, t, _ in asked], [None] * len(asked))
    far = [(q, text, tag, rng.choice([n for n in names if n != q.document])) for q, text, tag in asked[::2] if q.lines]
    foreign = pool.hits([text for _, text, _, _ in far], [other for *_, other in far])

    def case(question: Authored, text: str, tag: str, hits: tuple[Hit, ...], where: str, *, answered: bool) -> Case:
        places = stories[question.document]["id"].sentences
        gold = tuple(Span(*places[n]) for n in question.lines) if answered else ()
        return Case(text, hits, question.document, gold, f"{where} {question.kind} {tag}")

    for (q, text, tag), one, many in zip(asked, alone, whole, strict=True):
        yield case(q, text, tag, one, "alone", answered=True)
        yield case(q, text, tag, many, "pool", answered=True)
    for (q, text, tag, _), hits in zip(far, foreign, strict=True):
        yield case(q, text, tag, hits, "far", answered=False)
