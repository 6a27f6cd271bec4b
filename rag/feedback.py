"""What people said about answers, each with the whole receipt: kept in the ledger, only ever added."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from rag.errors import ReceiptError
from rag.library import Library
from rag.records import Answer

FILE = "feedback.jsonl"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's verdict on an answer. `at` is ISO 8601 with its offset from UTC."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    at: str
    helpful: bool
    comment: str
    receipt: Answer


def keep(library: Library, feedback: Feedback) -> None:
    """Add one verdict to the ledger; it is on the disk when this returns.

    Raises:
        StoreError: the ledger cannot be written.
    """
    library.ledger.keep_feedback([_FEEDBACK.dump_json(feedback).decode()])


def read_feedback(library: Library) -> list[Feedback]:
    """Every verdict, oldest first; none where nobody gave one. What version 0.1.0 kept in a file is taken over.

    Raises:
        ReceiptError: a verdict is not one; it is named.
    """
    old = library.home / FILE
    if old.exists():
        known = set(library.ledger.feedback())
        library.ledger.keep_feedback(line for line in old.read_text("utf-8").rstrip("\n").split("\n") if line not in known)
        old.rename(old.with_suffix(".jsonl.kept"))
    found = []
    for number, body in enumerate(library.ledger.feedback(), 1):
        try:
            found.append(_FEEDBACK.validate_json(body))
        except ValidationError as error:
            raise ReceiptError(f"verdict {number} of the ledger: {error.errors()[0]['msg']}") from error
    return found


def gold_candidates(feedback: Sequence[Feedback]) -> list[dict[str, Any]]:
    """Questions with the evidence they were given, for a person to judge; the last verdict on an answer counts."""
    last = {json.dumps(f.receipt.to_dict(), sort_keys=True): f for f in feedback}
    return [
        {
            "question": f.receipt.question,
            "language": f.receipt.language,
            "declined": f.receipt.declined,
            "evidence": [{"document": c.document, "start": c.start, "end": c.end, "quote": c.quote} for c in f.receipt.citations],
            "helpful": f.helpful,
            "comment": f.comment,
            "at": f.at,
        }
        for f in last.values()
    ]


_FEEDBACK = TypeAdapter(Feedback)
