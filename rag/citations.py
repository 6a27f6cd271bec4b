"""The citation check: the invariants of an answer, as one pure function used at every boundary.

Nothing here is lenient: no lower-casing, no fuzzy matching, no guess where a quote that occurs twice stands.
"""

import re
from collections.abc import Callable

from rag.records import Answer, Citation, Document

FindRevision = Callable[[str, str], Document | None]
"""(document id, sha256) -> the document as it was then, or None."""

_MARKER = re.compile(r"\[(\d+)\]")


def breaches(answer: Answer, find: FindRevision) -> list[str]:
    """Every way in which an answer breaks the contract; empty when it is sound.

    Args:
        answer: built, streamed, stored or read back.
        find: gives the revision that a citation is pinned to.
    """
    found = [problem for citation in answer.citations for problem in _citation_breaches(citation, find)]
    numbers = [c.number for c in answer.citations]
    used = {n for s in answer.sentences for n in s.citations}
    if len(set(numbers)) < len(numbers):
        found.append("two citations have one number")
    found += [f"sentence {i} cites nothing" for i, s in enumerate(answer.sentences, 1) if not s.citations]
    found += [f"marker [{n}] has no citation" for n in sorted((used | _markers(answer.text)) - set(numbers))]
    found += [f"citation {n} is used by no sentence" for n in sorted(set(numbers) - used)]
    if answer.declined:
        if answer.citations or answer.sentences:
            found.append("declined, and yet it cites")
    else:
        if not answer.sentences:
            found.append("neither declined nor answered")
        if answer.text != " ".join(s.marked for s in answer.sentences):
            found.append("the text is not its sentences joined")
    return found


def wording(text: str) -> str:
    """Text of a document as words of an answer: on one line, and with nothing in it that reads as a marker of ours.

    An article's own "[1]" becomes "(1)"; the citation keeps the exact words.
    """
    return _MARKER.sub(r"(\1)", " ".join(text.split()))


def _citation_breaches(citation: Citation, find: FindRevision) -> list[str]:
    name = f"citation {citation.number}"
    document = find(citation.document, citation.sha256)
    if document is None:
        return [f"{name}: no document {citation.document!r} with text {citation.sha256[:12]}..."]
    if not 0 <= citation.start < citation.end <= len(document.text):
        return [f"{name}: [{citation.start}, {citation.end}) is no place in {citation.document!r}"]
    if document.text[citation.start : citation.end] != citation.quote:
        return [f"{name}: the quote is not what stands at [{citation.start}, {citation.end}) in {citation.document!r}"]
    return []


def _markers(text: str) -> set[int]:
    return {int(n) for n in _MARKER.findall(text)}
