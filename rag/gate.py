"""STUB, replaced by branch gate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    problems: tuple[str, ...]


class Gate:
    """Stub."""

    def __init__(self, judge: object) -> None: ...
    def check(self, sentence: str, evidence: Sequence[str], *, question: str = "") -> Verdict:
        missing = [n for n in re.findall(r"\d+", sentence) if not any(n in e for e in evidence)]
        return Verdict(tuple(f"the number {n} does not stand in what it cites" for n in missing))
