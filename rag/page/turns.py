"""A question and its answer -> HTML. Each turn carries its own evidence and its receipt, so none can borrow another's."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rag.answer import gloss
from rag.citations import FindRevision, breaches, untranslated, wording
from rag.exports import citation_line
from rag.page.templates import render
from rag.records import EXTRACTIVE, Answer, Citation, Document, Sentence, Span

SHOWN_OF_A_REFUSED_QUESTION = 300
"""Code points; what was refused for its length need not be shown at that length."""


def pending(
    question: str,
    stage: str,
    sentences: Sequence[str],
    *,
    key: str,
    language: str,
    quoted: Answer | None = None,
    find: FindRevision = lambda _identifier, _sha256: None,
) -> str:
    """A turn on its way: its stage, and the sentences that have passed; the quotes that are being put into words, as evidence."""
    shown = _evidence(quoted, _cited(quoted, find)) if quoted and not breaches(quoted, find) else []
    evidence = [(*about, False) for *about, _ in shown]  # the wording is not above yet, so translations stand beside their quotes
    return render(
        "pending.html",
        language,
        key=key,
        question=question,
        stage=stage,
        sentences=sentences,
        evidence=evidence,
        receipt=json.dumps(quoted.to_dict(), ensure_ascii=False) if quoted else "",
    )


def answered(answer: Answer, find: FindRevision, *, key: str, language: str, translates: bool = False, note: str = "") -> str:
    """A finished turn; an answer that breaks the contract is refused and the breach named.

    Args:
        answer: just built, or read back from the browser.
        find: gives the revision that a citation or a close passage is pinned to.
        key: unique in the page; ids of the turn's elements begin with it.
        language: the page's.
        translates: whether quotes that have no translation can be given one.
        note: one of `words`, said below the evidence.
    """
    if found := breaches(answer, find):
        return refused(answer.question, found, key=key, language=language, receipt=answer.to_dict())
    cited = _cited(answer, find)
    return render(
        "answered.html",
        language,
        key=key,
        answer=answer,
        note=note,
        translates=translates and any(untranslated(c, answer.language) for c in answer.citations),
        worded=answer.answerer != EXTRACTIVE,
        asked_model=answer.manifest.get("language_model", ""),
        receipt=json.dumps(answer.to_dict(), ensure_ascii=False),
        titles={number: document.title for number, (_, document) in cited.items()},
        sentences=[(s, _language(s, answer, cited)) for s in answer.sentences],
        evidence=_evidence(answer, cited),
        nearest=[
            (near, document, gloss(document, Span(near.start, near.end), (answer.language, language)))
            for near in answer.nearest
            if (document := find(near.document, near.sha256))
        ],
    )


def refused(question: str, reasons: Sequence[str], *, key: str, language: str, receipt: Any = None) -> str:
    """A turn without an answer: a question that could not be asked, or a saved answer that no longer checks out."""
    question = question.encode(errors="replace").decode()
    if len(question) > SHOWN_OF_A_REFUSED_QUESTION:
        question = question[:SHOWN_OF_A_REFUSED_QUESTION] + "…"
    saved = "" if receipt is None else json.dumps(receipt, ensure_ascii=False)
    return render("refused.html", language, key=key, question=question, reasons=reasons, receipt=saved)


Cited = Mapping[int, tuple[Citation, Document]]
"""Citations by number, each with the revision it is pinned to."""


def _cited(answer: Answer, find: FindRevision) -> Cited:
    return {c.number: (c, document) for c in answer.citations if (document := find(c.document, c.sha256))}


def _evidence(answer: Answer, cited: Cited) -> list[tuple[Citation, Document, tuple[str, str, str], str, bool]]:
    """What the template shows of each citation."""
    return [(c, document, _emphasised(c), citation_line(c, document), _is_wording(c, answer)) for c, document in cited.values()]


def _language(sentence: Sentence, answer: Answer, cited: Cited) -> str:
    """The language a sentence is in: the document's where it has its very words, else the one asked for."""
    for citation, document in (cited[number] for number in sentence.citations):
        if sentence.text == wording(citation.quote):
            return document.language
    return answer.language


def _is_wording(citation: Citation, answer: Answer) -> bool:
    """Whether the answer says a citation's words by their translation."""
    gloss = citation.translation
    return gloss is not None and any(citation.number in s.citations and s.text == wording(gloss.text) for s in answer.sentences)


def _emphasised(citation: Citation) -> tuple[str, str, str]:
    """The quote as what stands before the words that answer, these words, and what stands after."""
    words = citation.answer_span or Span(citation.start, citation.start)
    start, end = words.start - citation.start, words.end - citation.start
    return citation.quote[:start], citation.quote[start:end], citation.quote[end:]
