"""Answers saved, read back and verified."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from rag.citations import breaches
from rag.errors import ReceiptError, UnknownDocument
from rag.library import Library
from rag.passages import sentences
from rag.records import Answer, Citation, Document, Nearest

CLOSE = 0.5
"""Share of words in common from which on a sentence is taken for a new wording of another."""
# A word, or one character of the scripts that put no spaces between words.
_WORD = re.compile(r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+|.", re.DOTALL)
_CONVERSATION = TypeAdapter(Annotated[list[Answer], Field(min_length=1)])

Piece = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a quoted document since.

    `kind` is "gone" from the library, "changed" elsewhere than in the quoted words, or "reworded": then `difference`
    leads from the quoted words to the closest that stand there now.
    """

    kind: Literal["gone", "changed", "reworded"]
    difference: tuple[Piece, ...] = ()

    def __str__(self) -> str:
        """A sentence; for a new wording with a line of `[-gone-]` and `{+new+}` words."""
        written = "".join({"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}[kind].format(text) for kind, text in self.difference)
        return {
            "gone": "the document is no longer in the library",
            "changed": "the document has changed since; the quoted words still stand in it",
            "reworded": f"the document has changed since, and the quoted words with it\n    {' '.join(written.split())}",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What re-checking found: breaches of the contract, and documents that have changed since."""

    breaches: tuple[str, ...]
    changes: tuple[str, ...]


def read_receipts(file: Path) -> list[Answer]:
    """The answers of a file: one as `to_dict` gives it, or a conversation's list of them.

    Raises:
        ReceiptError: the file cannot be read, or holds something else.
    """
    try:
        saved = file.read_bytes()
        return _CONVERSATION.validate_json(saved) if saved.lstrip().startswith(b"[") else [Answer.from_json(saved)]
    except OSError as error:
        raise ReceiptError(f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ReceiptError(
            f"{file} is not a saved answer: {'.'.join(map(str, first['loc'])) or 'as a whole'}: {first['msg']}"
        ) from error


def verify(answer: Answer, library: Library) -> Verdict:
    """Check a saved answer against the documents it cites, each in the revision it was made from."""
    found = [(citation, change(citation, library)) for citation in answer.citations]
    changes = [f"{citation.document} [{citation.number}]: {changed}" for citation, changed in found if changed]
    was, now = answer.manifest.get("identity"), library.manifest.get("identity")
    if was and was != now:
        changes.append(f"the index was made anew since: {now or 'there is none'}, then {was}")
    return Verdict(tuple(breaches(answer, library.revision)), tuple(changes))


def change(quoted: Citation | Nearest, library: Library) -> Change | None:
    """What became of the document a quote was taken from; None where it is what it was."""
    try:
        now = library.document(quoted.document)
    except UnknownDocument:
        return Change("gone")
    if now.sha256 == quoted.sha256:
        return None
    return Change("changed") if quoted.quote in now.text else Change("reworded", tuple(_difference(quoted.quote, now)))


def _difference(quote: str, now: Document) -> Iterator[Piece]:
    """From a quote to the run of as many sentences that is closest to it now; all gone where none is close."""
    spans, width = sentences(now.text, now.language), max(1, len(sentences(quote, now.language)))
    runs = [_WORD.findall(now.text[first.start : last.end]) for first, last in zip(spans, spans[width - 1 :], strict=False)]
    words = _WORD.findall(quote)
    closest = max(runs, key=lambda run: _likeness(words, run), default=[])
    if _likeness(words, closest) < CLOSE:
        yield "gone", quote
        return
    for kind, i, j, k, m in _compared(words, closest).get_opcodes():
        if kind == "equal":
            yield "same", "".join(words[i:j])
            continue
        if i < j:
            yield "gone", "".join(words[i:j])
        if k < m:
            yield "new", "".join(closest[k:m])


def _likeness(then: Sequence[str], now: Sequence[str]) -> float:
    return _compared(*([word for word in words if not word.isspace()] for words in (then, now))).ratio()


def _compared(then: Sequence[str], now: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, then, now, autojunk=False)
