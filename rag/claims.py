"""A language model's reply, piece by piece -> its sentences, each with the numbers it cites."""

import re
from collections.abc import Iterable, Iterator

from rag.citations import wording
from rag.passages import sentences
from rag.records import Sentence, Span

MARKERS = re.compile(r"\s*\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_LEADING = re.compile(rf"(?:{MARKERS.pattern})+[.。]?")
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")


def claims(pieces: Iterable[str], language: str) -> Iterator[Sentence]:
    """The sentences of a reply, each as soon as it is whole, with the numbers it cites.

    A sentence is whole when words follow it, not only markers, or when the reply ends.
    """
    text, cut = "", list[Span]()
    for piece in pieces:
        text += piece
        cut = _cut(text, language)
        for span in cut[:-1]:
            yield _claim(text[span.start : span.end])
        if cut:
            text, cut = text[cut[-1].start :], [Span(0, cut[-1].end - cut[-1].start)]
    for span in cut:
        yield _claim(text[span.start : span.end])


def _cut(text: str, language: str) -> list[Span]:
    """Where the sentences of a reply stand: markers belong to the sentence before them, and signs of a list to none."""
    cut: list[Span] = []
    at = 0
    for line in text.splitlines(keepends=True):
        bullet = _BULLET.match(line)
        begin = at + (bullet.end() if bullet else 0)
        at += len(line)
        if line.isspace():
            continue
        for found in sentences(text[begin:at], language):
            start, end = begin + found.start, begin + found.end
            if cut and (markers := _LEADING.match(text, start, end)):
                start = markers.end()
                cut[-1] = Span(cut[-1].start, start)
            if any(map(str.isalpha if cut else str.isalnum, text[start:end])):
                cut.append(Span(start, end))
            elif cut:
                cut[-1] = Span(cut[-1].start, end)
    return cut


def _claim(text: str) -> Sentence:
    numbers = dict.fromkeys(int(n) for markers in MARKERS.findall(text) for n in re.findall(r"\d+", markers))
    return Sentence(wording(MARKERS.sub("", text)), tuple(numbers))
