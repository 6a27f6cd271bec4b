"""Words that turn a statement into its opposite, or make it less than certain, and where they stand in a text.

No data of locales hold such words; `words.toml` does, for 21 languages. In another one nothing is found, and the reader alone
judges.
"""

from collections.abc import Sequence
from functools import cache

import regex

from rag.locales import WORDS
from rag.tags import base

_APART = "(?<![\\p{L}\\p{M}])(?:%s)(?![\\p{L}\\p{M}])"
_JOINED = frozenset({"zh", "ja", "th"})

Spans = list[tuple[int, int]]


def negations(text: str, language: str) -> Spans:
    """Where a text says not."""
    return _find(text, "negations", base(language))


def refusals(text: str, language: str) -> Spans:
    """Where a text denies, rejects, fails: no without a negation; enough to carry one, not enough to ask for one."""
    return _find(text, "refusals", base(language))


def doubts(text: str, language: str) -> Spans:
    """Where a text leaves open whether something is so: possible, alleged, planned, expected."""
    return _find(text, "doubts", base(language))


def loosened(sentence: tuple[str, str], told: Sequence[tuple[str, str]]) -> bool:
    """Whether a sentence says that something may be so where nothing that is told leaves anything open."""
    text, language = sentence
    known = all(base(tag) in WORDS["doubts"] for _, tag in told)
    return known and bool(_find(text, "possible", base(language))) and not any(doubts(*one) for one in told)


def opposite(sentence: tuple[str, str], told: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The first words by which a sentence says the opposite of what is told: "rose" where only "turun" is.

    Texts come with their languages. Where either says both, as "rose after it had fallen" does, nothing is found; nor where the
    sentence denies, since what is forbidden is not allowed.
    """
    if negations(*sentence) or refusals(*sentence):
        return None
    for pair in WORDS["opposites"]["pairs"]:
        for one, other in (pair, pair[::-1]):
            said, there = _words([sentence], one), _words(told, other)
            if said and there and not _words([sentence], other) and not _words(told, one):
                return said[0], there[0]
    return None


def _words(texts: Sequence[tuple[str, str]], side: str) -> list[str]:
    return [text[slice(*span)] for text, language in texts for span in _find(text, side, base(language))]


def _find(text: str, table: str, language: str) -> Spans:
    pattern = _pattern(table, language)
    return [match.span() for match in pattern.finditer(text)] if pattern else []


@cache
def _pattern(table: str, language: str) -> "regex.Pattern[str] | None":
    words = WORDS[table].get(language)
    return regex.compile(words if language in _JOINED else _APART % words, regex.I) if words else None
