"""Numbers, units, dates and times in a text, in whatever way its language writes them -> facts that can be compared.

"3,2 triliun", "3.2 trillion", "3,2 трлн" and "3.2万亿" are one fact, and so are "Jumat" and "Friday".
"""

from collections.abc import Sequence
from functools import lru_cache

from rag.amounts import Fact, bare, numbers, numerals
from rag.dates import clocks, dates, day, months, relative, resolved, weekdays
from rag.locales import PERCENT, lexicon


@lru_cache(maxsize=512)
def facts(text: str, language: str) -> tuple[Fact, ...]:
    """What a text says in numbers and dates, in no particular order."""
    words = lexicon(language)
    found: list[Fact] = []
    left = text
    for scan in (relative, dates, months, weekdays, clocks, numbers, numerals, bare):
        taken = list(scan(left, words))
        found += (fact for _, fact in taken)
        for (start, end), _ in taken:
            left = left[:start] + "\ufffc" * (end - start) + left[end:]
    return tuple(found)


class Evidence:
    """What some texts offer to the facts of a statement."""

    def __init__(self, texts: Sequence[tuple[str, str]], published: Sequence[str] = ()) -> None:
        """Texts come with their languages; the ISO dates of their documents say what "Friday" and "yesterday" are."""
        self.facts = [fact for text, language in texts for fact in facts(text, language)]
        self.meanings = {meaning for fact in self.facts for meaning in fact.meanings}
        for written in filter(None, map(day, published)):
            self.meanings |= resolved(written, self.meanings)
        self.meanings |= {("month", m[1]) for m in self.meanings if m[0] == "day"}

    def holds(self, fact: Fact) -> bool:
        """Whether the fact stands in the texts, in the same unit where both name one."""
        shared = fact.meanings & self.meanings
        if not any(meaning[0] == "number" for meaning in shared):
            return bool(shared)
        same = [f.units for f in self.facts if f.meanings & shared]
        return not same or any(_alike(fact.units, units) for units in same)


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    """Per cent must be said on both sides; another unit only must not be a different one."""
    return (PERCENT in a) == (PERCENT in b) and (not a or not b or bool(a & b))
