"""A document, an answer about it, and what finds the one for the other."""

from collections.abc import Callable

import pytest

from rag.records import AlignedSentence, Answer, Citation, Document, Gloss, Sentence, Translation

TEXT = "Kota membuka jembatan. Biayanya 40 juta.\n\nJembatan itu milik semua orang."
ENGLISH = ("The city opened a bridge.", "It cost 40 million.", "The bridge is everyone's.")


@pytest.fixture
def document() -> Document:
    edges = ((0, 22), (23, 40), (42, len(TEXT)))
    aligned = tuple(AlignedSentence(*edge, text) for edge, text in zip(edges, ENGLISH, strict=True))
    translation = Translation("en", "a person", aligned)
    return Document("news", TEXT, "Jembatan", "id", "Koran", date="2026-11-09", translations=(translation,))


@pytest.fixture
def find(document: Document) -> Callable[[str, str], Document | None]:
    return lambda identifier, sha256: document if (identifier, sha256) == ("news", document.sha256) else None


@pytest.fixture
def answer(document: Document) -> Answer:
    gloss = Gloss("en", ENGLISH[0], "a person")
    quoted = Citation(1, "news", "Jembatan", 0, 22, TEXT[:22], 0.9, document.sha256, gloss)
    other = Citation(2, "news", "Jembatan", 23, 40, TEXT[23:40], 0.8, document.sha256)
    sentences = (Sentence(ENGLISH[0], (1,)), Sentence(TEXT[23:40], (2,)))
    text = f"{ENGLISH[0]} [1] {TEXT[23:40]} [2]"
    return Answer("What opened?", "en", False, text, sentences, (quoted, other))
