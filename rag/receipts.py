"""Answers saved, read back and verified."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rag.citations import breaches
from rag.errors import ReceiptError, UnknownDocument
from rag.library import Library
from rag.records import Answer, Citation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What re-checking found: breaches of the contract, and documents that have changed since."""

    breaches: tuple[str, ...]
    changes: tuple[str, ...]


def read_receipt(file: Path) -> Answer:
    """A saved answer.

    Raises:
        ReceiptError: the file cannot be read, or is not an answer as `to_dict` gives it.
    """
    try:
        return Answer.from_json(file.read_bytes())
    except OSError as error:
        raise ReceiptError(f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ReceiptError(
            f"{file} is not a saved answer: {'.'.join(map(str, first['loc'])) or 'as a whole'}: {first['msg']}"
        ) from error


def verify(answer: Answer, library: Library) -> Verdict:
    """Check a saved answer against the documents it cites, each in the revision it was made from."""
    changes = [change for citation in answer.citations if (change := _change(citation, library))]
    was, now = answer.manifest.get("identity"), library.manifest.get("identity")
    if was and was != now:
        changes.append(f"the index was made anew since: {now or 'there is none'}, then {was}")
    return Verdict(tuple(breaches(answer, library.revision)), tuple(changes))


def _change(citation: Citation, library: Library) -> str:
    """What became of a cited document: nothing (empty), gone, or a diff of the sentences around the quote."""
    name = f"{citation.document} [{citation.number}]"
    try:
        now = library.document(citation.document)
    except UnknownDocument:
        return f"{name}: the document is no longer in the library"
    if now.sha256 == citation.sha256:
        return ""
    if citation.quote in now.text:
        return f"{name}: the document has changed since; the quoted words still stand in it"
    nearest = difflib.get_close_matches(citation.quote, now.text.replace(". ", ".\n").split("\n"), n=1, cutoff=0.0)
    diff = difflib.ndiff([citation.quote], nearest)
    return f"{name}: the document has changed since, and the quoted words with it\n" + "\n".join(diff)
