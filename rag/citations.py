"""The citation check: the invariants of an answer, as one pure function used at every boundary.

Nothing here is lenient: no lower-casing, no fuzzy matching, no guess where a quote that occurs twice stands.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from rag.language import may_be_in
from rag.records import EXTRACTIVE, Answer, Citation, Document, Nearest, Sentence, Span
from rag.tags import base

FindRevision = Callable[[str, str], Document | None]
"""(document id, sha256) -> the document as it was then, or None."""

_MARKER = re.compile(r"\[(\d+)\]")


def breaches(answer: Answer, find: FindRevision) -> list[str]:
    """Every way in which an answer breaks the contract; empty when it is sound.

    Args:
        answer: built, streamed, stored or read back.
        find: gives the revision that a citation is pinned to.
    """
    return [
        *_shape(answer),
        *(problem for c in answer.citations for problem in _place(f"citation {c.number}", c, find)),
        *(problem for c in answer.citations for problem in _aids(c, find)),
        *_order(answer.citations),
        *(problem for i, n in enumerate(answer.nearest, 1) for problem in _place(f"nearest {i}", n, find)),
        *(problem for s in answer.sentences if answer.answerer == EXTRACTIVE for problem in _words(s, answer, find)),
    ]


def untranslated(citation: Citation, language: str) -> bool:
    """Whether a reader of the language has neither a quote nor a translation of it in that language."""
    there = citation.translation is not None and base(citation.translation.language) == base(language)
    return not there and not may_be_in(citation.quote, language)


def wording(text: str) -> str:
    """Text of a document as words of an answer: on one line, and with nothing in it that reads as a marker of ours.

    An article's own "[1]" becomes "(1)"; the citation keeps the exact words.
    """
    return _MARKER.sub(r"(\1)", " ".join(text.split()))


def is_later(date: str, first: str) -> bool:
    """Whether an ISO date follows another for certain: "2022-01" neither precedes nor follows "2022-01-21"."""
    length = min(len(date), len(first))
    return date[:length] > first[:length]


def _shape(answer: Answer) -> Iterator[str]:
    """Markers, citations and sentences belong together, and a declined answer has none."""
    numbers = [c.number for c in answer.citations]
    used = {n for s in answer.sentences for n in s.citations}
    if len(set(numbers)) < len(numbers):
        yield "two citations have one number"
    for i, sentence in enumerate(answer.sentences, 1):
        if not sentence.citations:
            yield f"sentence {i} cites nothing"
    for n in sorted((used | {int(n) for n in _MARKER.findall(answer.text)}) - set(numbers)):
        yield f"marker [{n}] has no citation"
    for n in sorted(set(numbers) - used):
        yield f"citation {n} is used by no sentence"
    if answer.declined and (answer.citations or answer.sentences):
        yield "declined, and yet it cites"
    if not answer.declined and not answer.sentences:
        yield "neither declined nor answered"
    if not answer.declined and answer.text != " ".join(s.marked for s in answer.sentences):
        yield "the text is not its sentences joined"


def _place(name: str, quoted: Citation | Nearest, find: FindRevision) -> Iterator[str]:
    """A quote is exactly what stands at its place in the text it is pinned to."""
    document = find(quoted.document, quoted.sha256)
    if document is None or document.sha256 != quoted.sha256:
        yield f"{name}: no document {quoted.document!r} with text {quoted.sha256[:12]}..."
    elif not 0 <= quoted.start < quoted.end <= len(document.text):
        yield f"{name}: [{quoted.start}, {quoted.end}) is no place in {quoted.document!r}"
    elif document.text[quoted.start : quoted.end] != quoted.quote:
        yield f"{name}: the quote is not what stands at [{quoted.start}, {quoted.end}) in {quoted.document!r}"


def _aids(citation: Citation, find: FindRevision) -> Iterator[str]:
    """What is shown beside a quote belongs to it: the words that answer lie in it, date and translation are the document's own.

    A translation that a language model made cannot be looked up anywhere: it is marked as such, and nothing rests on it.
    """
    span, gloss, document = citation.answer_span, citation.translation, find(citation.document, citation.sha256)
    if span and not citation.start <= span.start < span.end <= citation.end:
        yield f"citation {citation.number}: the words that answer lie outside the quote"
    if document and citation.date not in ("", document.date, *document.former_dates):  # receipts of old have none
        yield f"citation {citation.number}: the date is not the one kept with {citation.document!r}"
    if gloss and document and not gloss.machine:
        own = {(t.language, t.of(Span(citation.start, citation.end)), t.by) for t in document.translations}
        if (gloss.language, gloss.text, gloss.by) not in own:
            yield f"citation {citation.number}: the translation is not the one kept with {citation.document!r}"


def _order(citations: Sequence[Citation]) -> Iterator[str]:
    """Those, and only those, that are of a later date than another are marked so."""
    first = min((c.date for c in citations if c.date), default="")
    for c in citations:
        if c.later != is_later(c.date, first):
            yield f"citation {c.number} is {'not ' * (not c.later)}marked as later than another"


def _words(sentence: Sentence, answer: Answer, find: FindRevision) -> Iterator[str]:
    """A sentence that claims to be a quotation is one, or the translation kept with the document."""
    for citation in answer.citations:
        if citation.number in sentence.citations and (document := find(citation.document, citation.sha256)):
            translated = (t.of(Span(citation.start, citation.end)) for t in document.translations)
            if sentence.text not in {wording(text) for text in (citation.quote, *translated) if text}:
                yield f"a sentence says other than citation {citation.number}, which it rests on"
