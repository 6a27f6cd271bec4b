"""Answers and conversations in the forms other programs and people read: pure functions, nothing is looked up or checked."""

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from rag.citations import FindRevision
from rag.records import EXTRACTIVE, Answer, Citation, Document, Gloss

CONTEXT = 32
"""Code points before and after a quote that a text-quote selector carries to tell it from its like."""
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>&~|$]|^[#+=:-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def annotations(answer: Answer, find: FindRevision) -> list[dict[str, Any]]:
    """The citations as W3C Web Annotations (JSON-LD), each quote selected by its words and by its place in code points.

    The source is named by `urn:kutip:`, the document's id and the SHA-256 of its text, which pins the revision.
    """
    return [_annotation(answer, citation, find(citation.document, citation.sha256)) for citation in answer.citations]


def markdown(answer: Answer, prefix: str = "") -> str:
    """The answer as Markdown, each marker a footnote; what was quoted is escaped, so none of it becomes markup.

    Args:
        answer: what to write.
        prefix: put before the numbers of footnotes, so that several answers fit one text.
    """
    text = " ".join(_plain(sentence.text) + "".join(f"[^{prefix}{n}]" for n in sentence.citations) for sentence in answer.sentences)
    lines = [text or _plain(answer.text), "", *(_plain(line) + "\n" for line in _worded_by(answer))]
    for citation in answer.citations:
        lines.append(f"[^{prefix}{citation.number}]: “{_plain(citation.quote)}” — *{_plain(citation.title)}*, {_place(citation)}")
        if gloss := citation.translation:
            lines.append(f"    {_plain(gloss.text)} ({_how(gloss)} by {_plain(gloss.by)})")
    if answer.nearest:
        lines += ["Closest passages, which do not answer it:", ""]
    lines += [f"- “{_plain(near.quote)}” — {_plain(near.document)}" for near in answer.nearest]
    return "\n".join(lines).rstrip() + "\n"


def text(answer: Answer) -> str:
    """The answer as plain text, with the quotes below it."""
    lines = [one_line(answer.text), *_worded_by(answer), ""]
    for citation in answer.citations:
        lines += [f"[{citation.number}] “{one_line(citation.quote)}”", f"    {one_line(citation.title)}, {_place(citation)}"]
        if gloss := citation.translation:
            lines.append(f"    {gloss.language}, {_how(gloss)} by {one_line(gloss.by)}: {one_line(gloss.text)}")
    if answer.nearest:
        lines.append("Closest passages, which do not answer it:")
    lines += [f"  - “{one_line(near.quote)}” ({near.document})" for near in answer.nearest]
    lines += [f"Refused on the way: {one_line(problem)}" for problem in answer.problems]
    return "\n".join(lines).rstrip() + "\n"


def one_line(text: str) -> str:
    """Text on one line, without what could drive a terminal or turn its direction."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def citation_line(citation: Citation, document: Document) -> str:
    """One citation as a person would paste it: the words, where they stand, and what pins them."""
    about = ", ".join(filter(None, (document.title, document.publisher, document.date)))
    return f"“{citation.quote}” ({about}; {_place(citation)})"


def conversation_json(answers: Sequence[Answer]) -> str:
    """Every turn's receipt, in order; each can be verified on its own."""
    return json.dumps([answer.to_dict() for answer in answers], ensure_ascii=False, indent=1) + "\n"


def conversation_markdown(answers: Sequence[Answer], *, left_out: int = 0) -> str:
    """Questions as headings, answers with footnotes; how many turns did not pass the check is said below."""
    turns = [f"## {_plain(a.question)}\n\n{markdown(a, f'{n}-')}" for n, a in enumerate(answers, 1)]
    return "\n".join([*turns, *(f"{line}\n" for line in _left_out(left_out))])


def conversation_html(answers: Sequence[Answer], *, left_out: int = 0) -> str:
    """A page of its own, without script or style from elsewhere; markers lead to the quotes below each answer."""
    language = escape(answers[0].language) if answers else "en"
    shown = [_html_turn(answer, str(n)) for n, answer in enumerate(answers, 1)]
    turns = "\n".join([*shown, *(f"<p>{line}</p>" for line in _left_out(left_out))])
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>Kutip</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        "<style>body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 serif;color-scheme:light dark}"
        "blockquote{margin:.3rem 0}</style>\n"
        f"<main>\n{turns}\n</main>\n</html>\n"
    )


def _left_out(count: int) -> list[str]:
    return [f"Left out, since they did not pass the check: {count} of the conversation's answers."] if count else []


def _html_turn(answer: Answer, key: str) -> str:
    def markers(numbers: Sequence[int]) -> str:
        return "".join(f'<sup><a href="#c{key}-{n}">{n}</a></sup>' for n in numbers)

    said = " ".join(f"<bdi>{escape(s.text)}</bdi>{markers(s.citations)}" for s in answer.sentences) or escape(answer.text)
    parts = [f'<h2 dir="auto">{escape(answer.question)}</h2>', f'<p dir="auto">{said}</p>']
    parts += [f"<p>{escape(line)}</p>" for line in _worded_by(answer)]
    if answer.citations:
        parts.append("<ol>" + "".join(_html_citation(c, key) for c in answer.citations) + "</ol>")
    if answer.nearest:
        near = "".join(f'<li dir="auto">{escape(n.quote)}</li>' for n in answer.nearest)
        parts.append(f"<p>Closest passages, which do not answer it:</p><ul>{near}</ul>")
    return "\n".join(parts)


def _html_citation(citation: Citation, key: str) -> str:
    gloss = citation.translation
    aid = (
        f'<p lang="{escape(gloss.language)}" dir="auto">{escape(gloss.text)} ({_how(gloss)} by {escape(gloss.by)})</p>'
        if gloss
        else ""
    )
    return (
        f'<li id="c{key}-{citation.number}" value="{citation.number}"><blockquote dir="auto">{escape(citation.quote)}</blockquote>'
        f"{aid}<p><cite><bdi>{escape(citation.title)}</bdi></cite>, <bdi>{escape(_place(citation))}</bdi></p></li>"
    )


def _annotation(answer: Answer, citation: Citation, document: Document | None) -> dict[str, Any]:
    words = {"type": "TextQuoteSelector", "exact": citation.quote}
    if document:
        words["prefix"] = document.text[max(0, citation.start - CONTEXT) : citation.start]
        words["suffix"] = document.text[citation.end : citation.end + CONTEXT]
    source = f"urn:kutip:{quote(citation.document)}:{citation.sha256}"
    said = " ".join(s.text for s in answer.sentences if citation.number in s.citations)
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": uuid5(NAMESPACE_URL, f"{source}#{citation.start}-{citation.end} {said}").urn,
        "type": "Annotation",
        "motivation": "describing",
        "body": {"type": "TextualBody", "value": said, "format": "text/plain"},
        "target": {
            "source": source,
            "selector": [words, {"type": "TextPositionSelector", "start": citation.start, "end": citation.end}],
        },
    }


def _worded_by(answer: Answer) -> list[str]:
    """Whose words an answer is in, where they are not the documents' own."""
    return [] if answer.answerer == EXTRACTIVE else [f"Worded by {one_line(answer.answerer)} from the quotes below."]


def _how(gloss: Gloss) -> str:
    return "machine-translated" if gloss.machine else "translated"


def _place(citation: Citation) -> str:
    return f"{citation.document} [{citation.start}, {citation.end}), sha256 {citation.sha256[:12]}"


def _plain(text: str) -> str:
    """Text on one line in which no character means anything to Markdown."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))
