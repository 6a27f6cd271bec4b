"""Document -> passages: runs of whole sentences with exact offsets.

Sentence boundaries are sentencex's (Wikimedia). A passage is what is embedded; because it is a slice of the document and
never a cleaned copy, whatever is found in it can be quoted where it stands.
"""

import re
from collections.abc import Iterator

import sentencex

from rag.records import Document, Passage, Span

VERSION = 3
"""Raised when the same text would be cut otherwise; part of the index's identity."""

# Bytes of UTF-8 are the script-neutral measure of length: a token of the packaged embedder is about 4 bytes in Latin and
# 5 in Chinese or Arabic script, and it reads 512 tokens. A sentence of this length leaves room for title and question.
MAX_SENTENCE_BYTES = 1000
MAX_PASSAGE_BYTES = 1200
MAX_PASSAGE_SENTENCES = 3

_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
"""White space outside ASCII. Before a full stop ("40 %\u202f.") sentencex 1.0.32 trips over it; a plain space does as well."""

_CLOSING = "?!…\"'”’»」』"
"""What a quotation may end with before it is said whose it is."""


def sentences(text: str, language: str) -> list[Span]:
    """The sentences of a text: in order, without overlap, and leaving out nothing but white space.

    A sentence longer than `MAX_SENTENCE_BYTES` is cut at white space where there is some, else between code points.
    """
    edges: list[tuple[int, int]] = []
    for found in sentencex.get_sentence_boundaries(language, _WIDE_SPACE.sub(" ", text)):
        start, end = found["start_index"], found["end_index"]
        if edges and _goes_on(text[slice(*edges[-1])], text[start:end]):
            start = edges.pop()[0]
        edges.append((start, end))
    return [piece for start, end in edges for piece in _pieces(text, start, end)]


def passages(document: Document) -> list[Passage]:
    """Overlapping windows of up to three sentences, one starting at every sentence but those the last one covers.

    Every sentence stands in at least one passage, with its neighbours where they fit in `MAX_PASSAGE_BYTES`.
    """
    spans = sentences(document.text, document.language)
    windows: list[Passage] = []
    for first in range(len(spans)):
        last = first
        while (
            last + 1 < len(spans)
            and last + 1 - first < MAX_PASSAGE_SENTENCES
            and _size(document.text, spans[first].start, spans[last + 1].end) <= MAX_PASSAGE_BYTES
        ):
            last += 1
        start, end = spans[first].start, spans[last].end
        if windows and end == windows[-1].end:
            continue
        windows.append(Passage(document.id, start, end, document.text[start:end], tuple(spans[first : last + 1])))
    return windows


def _goes_on(before: str, after: str) -> bool:
    """Whether `after` belongs to the sentence `before`: `"Ready?" | he asked.` or a quotation mark left behind.

    Who said it is part of what was said. Never over the end of a line.
    """
    ended = before.rstrip()
    first = next(filter(str.isalnum, after), "")
    return bool(ended) and "\n" not in before[len(ended) :] and (not first or (first.islower() and ended[-1] in _CLOSING))


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut [start, end) into stretches of at most `MAX_SENTENCE_BYTES`, without white space around them."""
    while start < end:
        if text[start].isspace():
            start += 1
            continue
        stop = min(end, start + MAX_SENTENCE_BYTES)
        while _size(text, start, stop) > MAX_SENTENCE_BYTES:
            stop = start + (stop - start) * 3 // 4
        if stop < end:
            stop = next((at for at in range(stop, start, -1) if text[at - 1].isspace()), stop)
        yield Span(start, start + len(text[start:stop].rstrip()))
        start = stop


def _size(text: str, start: int, end: int) -> int:
    return len(text[start:end].encode())
