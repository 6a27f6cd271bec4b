"""An article -> HTML that reads as an article, with the words marked that an answer rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.page.templates import render
from rag.records import Document, Span, Translation

MOST_LISTED = 200
"""Articles in the list beside the conversation; with more than that, a list is no way to choose."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Words to mark: a citation's number, span and the words in it that answer; number 0 is close, but no evidence."""

    number: int
    span: Span
    answers: Span | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is under the same marks from end to end."""

    text: str
    numbers: tuple[int, ...]
    answers: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the article in segments, and what each translation says there; `cited` if marked as followed."""

    segments: tuple[Segment, ...]
    glosses: tuple[tuple[Translation, str], ...]
    cited: bool


def article(
    document: Document, marks: Sequence[Mark], *, active: int | None, about: str, notes: Sequence[str], language: str
) -> str:
    """The article with its marks.

    Args:
        document: the revision that was quoted.
        marks: every citation of one answer in this document.
        active: the number that was followed; its words are what the page scrolls to.
        about: the question the marks belong to, empty where the article was just opened.
        notes: what the reader should know of this revision.
        language: the page's.
    """
    return render(
        "article.html",
        language,
        document=document,
        paragraphs=paragraphs(document, marks, active),
        active=active,
        about=about,
        notes=notes,
    )


def library(documents: Sequence[Document], *, language: str) -> str:
    """The list of articles, to open or to ask in."""
    return render("library.html", language, documents=documents[:MOST_LISTED], total=len(documents))


def paragraphs(document: Document, marks: Sequence[Mark], active: int | None) -> list[list[Sentence]]:
    """The article's lines, each in the sentences its translations are aligned by; blank lines are left out."""
    found, start = [], 0
    begins = {s.start for translation in document.translations for s in translation.sentences}
    for line in document.text.splitlines(keepends=True):
        end = start + len(line.rstrip("\r\n"))
        if line.strip():
            cuts = [start, *sorted(begin for begin in begins if start < begin < end), end]
            found.append([_sentence(document, Span(*pair), marks, active) for pair in pairwise(cuts)])
        start += len(line)
    return found


def _sentence(document: Document, span: Span, marks: Sequence[Mark], active: int | None) -> Sentence:
    spans = [span for mark in marks for span in (mark.span, mark.answers) if span]
    edges = {edge for s in spans for edge in (s.start, s.end) if span.start < edge < span.end}
    pieces = [Span(*pair) for pair in pairwise([span.start, *sorted(edges), span.end])]
    glosses = ((t, " ".join(s.text for s in t.sentences if span.start <= s.start < span.end)) for t in document.translations)
    return Sentence(
        segments=tuple(_segment(document.text, piece, marks) for piece in pieces),
        glosses=tuple((translation, text) for translation, text in glosses if text),
        cited=any(mark.number == active and mark.span.overlaps(span) for mark in marks),
    )


def _segment(text: str, piece: Span, marks: Sequence[Mark]) -> Segment:
    numbers = tuple(mark.number for mark in marks if piece.overlaps(mark.span))
    return Segment(text[piece.start : piece.end], numbers, any(m.answers and piece.overlaps(m.answers) for m in marks))
