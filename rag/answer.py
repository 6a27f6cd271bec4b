"""Readings -> an answer in the documents' own words."""

from collections.abc import Sequence
from dataclasses import replace

from rag.citations import is_later, wording
from rag.messages import declined
from rag.reader import Reading
from rag.records import Answer, Citation, Document, Gloss, Nearest, Sentence, Span
from rag.tags import base

NEAREST = 3
"""Passages offered beside a declined answer."""


def quote(question: str, language: str, readings: Sequence[Reading]) -> Answer:
    """An answer that quotes each reading, in order.

    A sentence reads in the question's language where the document has a translation made for it, else in the document's;
    the citation holds the original words either way.
    """
    citations = quotations(language, readings)
    sentences = tuple(Sentence(_words(c, language), (c.number,)) for c in citations)
    return Answer(
        question=question,
        language=language,
        declined=False,
        text=" ".join(s.marked for s in sentences),
        sentences=sentences,
        citations=citations,
    )


def quotations(language: str, readings: Sequence[Reading]) -> tuple[Citation, ...]:
    """The readings as citations, numbered in order from 1."""
    return _dated([_citation(number, reading, language) for number, reading in enumerate(readings, 1)])


def worded(quoted: Answer, name: str, sentences: Sequence[Sentence], offered: Sequence[Citation]) -> Answer:
    """An answer in a language model's words, citing those of the citations offered that its sentences rest on.

    Args:
        quoted: the same answer in the documents' own words.
        name: the model's.
        sentences: that have passed.
        offered: what they may cite; each keeps its number.
    """
    used = {number for sentence in sentences for number in sentence.citations}
    return replace(
        quoted,
        text=" ".join(s.marked for s in sentences),
        sentences=tuple(sentences),
        citations=_dated([c for c in offered if c.number in used]),
        answerer=name,
    )


def decline(question: str, language: str, readings: Sequence[Reading], problems: Sequence[str] = ()) -> Answer:
    """An answer that says the documents do not say, and offers the closest sentences as no more than that."""
    nearest = tuple(
        Nearest(r.document.id, r.span.start, r.span.end, r.quote, round(r.score, 4), r.document.sha256) for r in readings[:NEAREST]
    )
    return Answer(
        question=question,
        language=language,
        declined=True,
        text=declined(language),
        nearest=nearest,
        problems=tuple(problems),
    )


def _citation(number: int, reading: Reading, language: str) -> Citation:
    document, span = reading.document, reading.span
    return Citation(
        number=number,
        document=document.id,
        title=document.title,
        start=span.start,
        end=span.end,
        quote=reading.quote,
        score=round(reading.score, 4),
        sha256=document.sha256,
        translation=gloss(document, span, [language]),
        answer_span=reading.words,
        date=document.date,
    )


def _dated(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """The citations, each knowing whether it is later than another."""
    first = min((c.date for c in citations if c.date), default="")
    return tuple(replace(c, later=is_later(c.date, first)) for c in citations)


def gloss(document: Document, span: Span, languages: Sequence[str]) -> Gloss | None:
    """A stretch in the first of some languages, or else any, that its document is translated to; none where it is in one."""
    wanted = [base(language) for language in languages]
    if base(document.language) in wanted:
        return None
    order = {language: n for n, language in enumerate(wanted)}
    for translation in sorted(document.translations, key=lambda t: order.get(base(t.language), len(order))):
        if (text := translation.of(span)) and text != document.text[span.start : span.end]:
            return Gloss(translation.language, text, translation.by)
    return None


def _words(citation: Citation, language: str) -> str:
    aid = citation.translation
    return wording(aid.text if aid and base(aid.language) == base(language) else citation.quote)
