"""Assistants that cheat, to see that no measure lets them look good."""

import random
from collections.abc import Sequence

from rag.answer import decline, quote
from rag.assistant import History
from rag.passages import passages, sentences
from rag.reader import Reading
from rag.records import Answer, Document, Hit, Support


class Cheat:
    """Answers with whatever `chosen` gives, in order; nothing chosen is declined. Finds passages in the documents' order."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.sentences = [Reading(d, span, 0.5) for d in documents for span in sentences(d.text, d.language)]
        self.passages = [Hit(passage, 0.5, d) for d in documents for passage in passages(d)]

    def chosen(self, question: str) -> list[Reading]:
        raise NotImplementedError

    def ask(self, question: str, *, history: History = (), documents: Sequence[str] | None = None) -> Answer:
        chosen = self.chosen(question)
        return quote(question, "en", chosen) if chosen else decline(question, "en", self.sentences[:1])

    def ask_many(self, questions: Sequence[str], *, documents: Sequence[str] | None = None) -> list[Answer]:
        return [self.ask(question) for question in questions]

    def search(self, question: str, k: int = 5, *, documents: Sequence[str] | None = None) -> list[Hit]:
        return self.passages[:k]

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        return [Support(1.0, 0.0, 0.0) for _ in passages]


class AlwaysDeclines(Cheat):
    def chosen(self, question: str) -> list[Reading]:
        return []


class QuotesTheFirstSentence(Cheat):
    def chosen(self, question: str) -> list[Reading]:
        return self.sentences[:1]


class QuotesAtRandom(Cheat):
    def chosen(self, question: str) -> list[Reading]:
        return [random.Random(question).choice(self.sentences)]


class CitesEverything(Cheat):
    def chosen(self, question: str) -> list[Reading]:
        return self.sentences
