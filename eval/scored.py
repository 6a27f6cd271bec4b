"""A case with what was done with it: how it ended, what was cited, in sentences, passages and characters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eval.cases import Case, Place
from eval.runner import Result
from rag.passages import passages, sentences
from rag.records import Answer, Document

Outcome = Literal["right", "wrong", "missed", "declined", "invented"]
"""Of an answerable question: right, wrong or missed (declined); of an unanswerable one: declined or invented."""


@dataclass(frozen=True)
class Scored:
    """A case, what was done with it, and the documents it is about."""

    case: Case
    result: Result
    documents: "Texts"

    @property
    def answer(self) -> Answer | None:
        """The answer, where one was asked for."""
        return self.result.answer

    @property
    def answered(self) -> Answer | None:
        """The answer, where it is not one that declines."""
        return self.answer if self.answer and not self.answer.declined else None

    @property
    def cited(self) -> list[Place]:
        """What the answer rests on."""
        return [Place(c.document, c.start, c.end) for c in self.answered.citations] if self.answered else []

    @property
    def would_cite(self) -> list[Place]:
        """What it rests on, or would have, had it not been declined."""
        nearest = self.answer.nearest[:1] if self.answer else ()
        return self.cited or [Place(n.document, n.start, n.end) for n in nearest]

    @property
    def said(self) -> str:
        """The words that answer: the exact ones where the reader points them out, else all that is quoted."""
        texts = []
        for c in self.answered.citations if self.answered else ():
            span = c.answer_span
            texts.append(c.quote[span.start - c.start : span.end - c.start] if span else c.quote)
        return " ".join(texts)

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; an answer is right where at least half of the sentences it cites are acceptable evidence."""
        if self.answer is None:
            return None
        if not self.case.evidence:
            return "declined" if self.answer.declined else "invented"
        if self.answer.declined:
            return "missed"
        return "right" if self.rests_on_evidence(self.cited) else "wrong"

    def rests_on_evidence(self, cited: Sequence[Place]) -> bool:
        """Whether at least half of the sentences cited are acceptable evidence: citing everything is no answer."""
        sentences = self.documents.sentences(cited)
        return bool(sentences) and 2 * len(sentences & self.documents.sentences(self.case.evidence)) >= len(sentences)


class Texts:
    """The documents of a suite, cut as the product cuts them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._cuts: dict[str, list[Place]] = {}
        self._windows: dict[str, list[Place]] = {}

    @cached_property
    def many(self) -> bool:
        """Whether there is more than one document to choose from."""
        return len(self._documents) > 1

    def size(self, names: Sequence[str] | None) -> int:
        """How many passages there are in these documents; None is all."""
        return sum(len(self._window(name)) for name in (self._documents if names is None else names))

    def quote(self, place: Place) -> str:
        """The words at a place."""
        document = self._documents.get(place.document)
        return document.text[place.start : place.end] if document else ""

    def sentences(self, places: Sequence[Place]) -> frozenset[Place]:
        """The sentences that the places touch."""
        return frozenset(cut for place in places for cut in self._cut(place.document) if _touch(cut, place))

    def passages(self, places: Sequence[Place]) -> frozenset[Place]:
        """The passages that hold one of the places whole."""
        return frozenset(w for place in places for w in self._window(place.document) if holds(w, place))

    def _cut(self, name: str) -> list[Place]:
        if name not in self._cuts:
            document = self._documents.get(name)
            spans = sentences(document.text, document.language) if document else []
            self._cuts[name] = [Place(name, s.start, s.end) for s in spans]
        return self._cuts[name]

    def _window(self, name: str) -> list[Place]:
        if name not in self._windows:
            document = self._documents.get(name)
            self._windows[name] = [Place(name, p.start, p.end) for p in passages(document)] if document else []
        return self._windows[name]


def _touch(a: Place, b: Place) -> bool:
    return a.document == b.document and a.start < b.end and b.start < a.end


def holds(a: Place, b: Place) -> bool:
    """Whether b stands within a."""
    return a.document == b.document and a.start <= b.start and b.end <= a.end


def characters(places: Sequence[Place]) -> frozenset[tuple[str, int]]:
    """Every code point of the places."""
    return frozenset((p.document, at) for p in places for at in range(p.start, p.end))
