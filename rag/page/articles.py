"""An article -> HTML that reads as an article, with the words marked that an answer rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.page.templates import render
from rag.passages import sentences
from rag.receipts import Change
from rag.records import Document, Span, Translation

MOST_LISTED = 200
"""Articles in the list beside the conversation; with more than that, a list is no way to choose."""

CLOSING = frozenset(".!?…\"'”’»)]")
"""Ends of sentences in scripts that put a space behind them."""


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
    document: Document, marks: Sequence[Mark], *, active: int | None, about: str, notes: Sequence[Change], language: str
) -> str:
    """The article with its marks.

    Args:
        document: the revision that was quoted.
        marks: every citation of one answer in this document.
        active: the number that was followed; its words are what the page scrolls to.
        about: the question the marks belong to, empty where the article was just opened.
        notes: what became of the document since.
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
        owned=not about,
    )


def library(documents: Sequence[Document], query: str = "", *, language: str) -> str:
    """The list of articles, to open or to ask in: those whose title, publisher or date has every word of the query."""
    wanted = query.casefold().split()
    found = [d for d in documents if all(word in f"{d.title} {d.publisher} {d.date}".casefold() for word in wanted)]
    return render("library.html", language, documents=found[:MOST_LISTED], found=len(found), total=len(documents))


def paragraphs(document: Document, marks: Sequence[Mark], active: int | None) -> list[list[Sentence]]:
    """The article's paragraphs, each in the sentences its translations are aligned by; blank lines are left out.

    A paragraph is a line, or begins where a sentence follows the last without a space: so news loses its paragraphs.
    """
    found: list[list[Sentence]] = []
    start = 0
    runs_on = {s.start for s in sentences(document.text, document.language) if _runs_on(document.text, s.start)}
    begins = runs_on | {s.start for translation in document.translations for s in translation.sentences}
    for line in document.text.splitlines(keepends=True):
        end = start + len(line.rstrip("\r\n"))
        for span in (Span(*pair) for pair in pairwise([start, *sorted(b for b in begins if start < b < end), end])):
            if not line.strip():
                continue
            if span.start == start or span.start in runs_on:
                found.append([])
            found[-1].append(_sentence(document, span, marks, active))
        start += len(line)
    return found


def _runs_on(text: str, start: int) -> bool:
    """Whether a sentence begins with a letter right behind the full stop or closing mark of the last one."""
    return start > 0 and text[start - 1] in CLOSING and text[start].isalnum()


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
