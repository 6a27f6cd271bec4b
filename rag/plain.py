"""Plain sentences: what is neither markup, nor link, nor hidden, nor an order to a machine.

A document is data. What it hides from its readers carries nothing, and what it says to a model is no news.
"""

from collections.abc import Iterator

import regex

from rag.locales import WORDS

_JOINED = r"\p{Arabic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}"
_HIDDEN = regex.compile(
    # Bidi overrides and isolates, tags, variation selectors, private and control characters, spaces of no width; joiners only
    # before letters of scripts that join.
    r"[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff\ufe00-\ufe0f\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    r"\u200b\u2060-\u2064\ufeff\u00ad\u180e]|[\u200c\u200d](?![" + _JOINED + "])"
)
_UNSEEN = regex.compile(
    r"<!--.*?(?:-->|$)|<(script|style|template)\b.*?</\1\s*>|<([a-z]+)[^>]*\b(?:hidden|display:\s*none)[^>]*>.*?</\2\s*>",
    regex.S | regex.I,
)
_ROLES = (
    r"<\|.*?\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|^\s*(?:#+\s*)?(?:system|assistant|user|developer|human|tool)\s*:"
)
_ODD = {
    "a link": r"\b(?:https?|ftp|file|data|javascript|mailto)\s*:|www\.|\]\s*\(|\b[\w-]+\.(?:com|net|org|io|ru|cn|xyz|example)/",
    "markup": r"<\s*/?\s*[a-z!?]|&(?:#\w+|\w+);|!\[|```|~~~|^#{1,6}\s|^\||[{}]|\*\*|\b__\w",
    "a marker": r"[\[【［]\s*(?:\p{L}+\s*:?\s*)?\^?\p{Nd}[\p{Nd}, ]*\s*[\]】］]",
    "what only the format of a conversation has": _ROLES,
    "an encoded run of letters": r"\b[0-9a-f]{24,}|"
    r"(?<![\w/+])(?=[\w+/]*\d)(?-i:(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z]))[A-Za-z0-9+/_-]{20,}={0,2}",
    "more than one line": r"[\n\r\u2028\u2029]",
}
_ODDITIES = {what: regex.compile(pattern, regex.I | regex.M) for what, pattern in _ODD.items()}
_ORDERS = regex.compile("|".join(pattern for some in WORDS["orders"].values() for pattern in some), regex.I)
_TURN = regex.compile(_ROLES, regex.I | regex.M)


def visible(text: str) -> str:
    """A passage as its reader sees it: without characters that are not shown."""
    return str(_HIDDEN.sub("", text))


def is_for_machines(text: str) -> bool:
    """Whether a passage speaks to a model, or as one, or hides elements from its readers."""
    return bool(_ORDERS.search(text) or _TURN.search(text) or _UNSEEN.search(text))


def oddities(sentence: str) -> Iterator[str]:
    """Why a sentence is not plain, each reason a sentence."""
    if _HIDDEN.search(sentence):
        yield "It holds characters that are not shown."
    yield from (f"It holds {what}." for what, pattern in _ODDITIES.items() if pattern.search(sentence.strip()))
    if _ORDERS.search(sentence):
        yield "It speaks of a model's instructions, not of the news."
