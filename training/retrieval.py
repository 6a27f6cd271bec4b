"""The product's own retrieval over NTREX, in memory: hard negatives for training, candidates for choosing and calibrating."""

from collections.abc import Sequence
from functools import cached_property

import bm25s
import numpy as np

from rag.embedding import Embedder
from rag.library import embedded_text
from rag.passages import passages
from rag.records import Document, Hit, Passage
from training.data import Authored, Story

CANDIDATES = 10


def document(identifier: str, story: Story) -> Document:
    """A story as the library holds it."""
    return Document(identifier, story.text, story.title, story.language)


class Pool:
    """Passages of documents with their vectors."""

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

    def hits(self, questions: Sequence[str], k: int = CANDIDATES, within: Sequence[str] | None = None) -> list[list[Hit]]:
        """For each question, the k passages closest to it; `within` names the one document to search for each."""
        scores = self._embedder.queries(questions) @ self._vectors.T
        if within is not None:
            owners = np.array([p.document for p in self.passages])
            scores = np.where(owners[None] == np.array(within)[:, None], scores, -1.0)
        best = np.argsort(-scores, axis=1)[:, :k]
        return [[Hit(self.passages[i], float(s[i])) for i in row if s[i] > -1] for row, s in zip(best, scores, strict=True)]


def confusable(
    questions: Sequence[Authored], documents: dict[str, dict[str, Story]], count: int = 8
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """For each of our questions, the lines of other documents that BM25 puts first, but for those with the same answer nearby.

    Found once, between English and English; the line numbers hold in every language.
    """
    places = [(d, n) for d in documents for n in range(len(documents[d]["en"].sentences))]
    stories = [documents[d]["en"] for d, _ in places]
    texts = [f"{s.title} {s.text[slice(*s.sentences[n])]}" for s, (_, n) in zip(stories, places, strict=True)]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    asked = bm25s.tokenize([q.questions["en"] for q in questions], show_progress=False)
    rows, _ = index.retrieve(asked, k=60, show_progress=False)
    found = {}
    for question, row in zip(questions, rows, strict=True):
        answer = question.answer.get("eng", "").lower()
        near: list[tuple[str, int]] = []
        for i in row:
            d, n = places[i]
            story = stories[i]
            around = story.sentences[max(0, n - 3)][0], story.sentences[min(len(story.sentences) - 1, n + 3)][1]
            if d != question.document and not (answer and answer in story.text[slice(*around)].lower()):
                near.append((d, n))
        found[question.document, question.questions["en"]] = near[:count]
    return found
