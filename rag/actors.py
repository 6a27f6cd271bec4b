"""Who does what: a statement gives a deed or words to those whom the evidence names for it, in the same order.

"Persib beat Persija" is no rewording of "Persija beat Persib", nor may one minister say what the next sentence has another say.
Seen only where names are; the reader judges the rest.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import regex

from rag.alignment import Alignment
from rag.names import UNCASED, Name, Names, find, names
from rag.tags import base

_CLAUSE = regex.compile(r"(?<!\d)[,.]|[,.](?!\d)|[;:،؛，、；：—–\"“”«»]|\s-\s")
_WORD = regex.compile(r"(?<!\p{L})[\p{Ll}\p{Lo}]")
"""What stands between two names and not between the words of one."""
Told = Sequence[tuple[str, str]]
"""Texts with their languages."""


def misplaced(statement: str, language: str, told: Told, aligned: Alignment) -> Iterator[str]:
    """What the statement says of one and the evidence of another, each a sentence.

    Args:
        statement: the sentence that is checked.
        language: its tag.
        told: what it cites.
        aligned: the two, aligned.
    """
    home = aligned.home([(name.start, name.end) for name in names(statement, language)])
    people = [_people(text, tag, told) for text, tag in told]
    here, there = Names([told[home]]), Names([(statement, language)])
    own = [name for name in people[home] if not name.place]
    if own and not any(there.hold(name) for name in own):
        for name in (name for n, some in enumerate(people) if n != home for name in some if not name.place):
            if there.hold(name) and not here.hold(name):
                yield f"It says of {name.text!r} what it cites says of {own[0].text!r}."
                return
    # Where names have no capitals, only those that CLDR knows are found surely enough.
    sure = [name for name in people[home] if name.place or base(language) not in UNCASED]
    yield from _reversed(statement, language, told[home][0], sure)


def _people(text: str, language: str, told: Told) -> list[Name]:
    """The names in a text that may stand for who acts: people, bodies, countries."""
    elsewhere = {name.text for other, tag in told for name in names(other, tag) if name.sure}
    some = [name for name in names(text, language) if name.sure or name.text in elsewhere]
    return [name for name in some if not name.place or (len(name.place) == 2 and name.place.isalpha())]


def _reversed(statement: str, language: str, text: str, people: Sequence[Name]) -> Iterator[str]:
    """Two names that stand in one clause in both, the other way round."""
    where = {name: at for name in people if (at := find(name, statement, language)) >= 0}
    for first, second in combinations(where, 2):
        between = text[first.end : second.start]
        low, high = where[second], where[first]
        apart = first.text != second.text and _WORD.search(between)
        if apart and low < high and not _CLAUSE.search(between) and not _CLAUSE.search(statement[low:high]):
            yield f"It names {second.text!r} and {first.text!r} the other way round than what it cites."
            return
