"""What people said about answers: one JSON object a line, each with the whole receipt; lines are only ever added."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import ConfigDict, TypeAdapter, ValidationError

from rag.errors import ReceiptError, StoreError
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


def keep(home: Path, feedback: Feedback) -> None:
    """Add one verdict to the file in `home`; it is on the disk when this returns.

    Raises:
        StoreError: the file cannot be written.
    """
    line = json.dumps(_FEEDBACK.dump_python(feedback, mode="json"), ensure_ascii=False)
    try:
        with FileLock(home / f"{FILE}.lock"), (home / FILE).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{home / FILE} cannot be written: {error.strerror}") from error


def read_feedback(home: Path) -> list[Feedback]:
    """Every verdict kept in `home`, oldest first; none where nobody gave one.

    Raises:
        ReceiptError: a line is not one; it is named.
    """
    file = home / FILE
    found = []
    for number, line in enumerate(file.read_text("utf-8").rstrip("\n").split("\n") if file.exists() else [], 1):
        try:
            found.append(_FEEDBACK.validate_json(line))
        except ValidationError as error:
            raise ReceiptError(f"{file}, line {number}: {error.errors()[0]['msg']}") from error
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
