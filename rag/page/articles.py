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
    """Words to mark: a citation's number and span, or number 0 for a passage that is close but no evidence."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a paragraph that is under the same marks from end to end."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the article in segments, and beside each translation, what it says there."""

    segments: tuple[Segment, ...]
    glosses: tuple[tuple[Translation, tuple[tuple[str, bool], ...]], ...]


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


def paragraphs(document: Document, marks: Sequence[Mark], active: int | None) -> list[Paragraph]:
    """The article's lines, cut where marks begin and end; blank lines are left out."""
    cited = [mark.span for mark in marks if mark.number == active]
    found, start = [], 0
    for line in document.text.splitlines(keepends=True):
        span = Span(start, start + len(line.rstrip("\r\n")))
        if line.strip():
            glosses = tuple((t, _gloss(t, span, cited)) for t in document.translations)
            found.append(Paragraph(_segments(document.text, span, marks), glosses))
        start += len(line)
    return found


def _segments(text: str, line: Span, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    edges = {edge for mark in marks for edge in (mark.span.start, mark.span.end) if line.start < edge < line.end}
    cuts = [line.start, *sorted(edges), line.end]
    pieces = [Span(start, end) for start, end in pairwise(cuts)]
    return tuple(Segment(text[p.start : p.end], tuple(m.number for m in marks if p.overlaps(m.span))) for p in pieces)


def _gloss(translation: Translation, line: Span, cited: Sequence[Span]) -> tuple[tuple[str, bool], ...]:
    """The sentences that translate a line, each with whether it translates what is cited."""
    spans = ((Span(s.start, s.end), s.text) for s in translation.sentences)
    return tuple((text, any(span.overlaps(c) for c in cited)) for span, text in spans if line.start <= span.start < line.end)
