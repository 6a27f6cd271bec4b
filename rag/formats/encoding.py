"""Bytes -> text, in whatever encoding."""

import codecs
import re

from charset_normalizer import from_bytes

from rag.formats.article import Unreadable

_MARKS = (  # the longer first: UTF-32's begins as UTF-16's does
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)=["']?([A-Za-z0-9_-]+)""")
_IN_USE = [
    *("cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "cp1253", "cp1255", "cp1257", "cp1258", "cp874", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "euc_kr"),
]
"""What text without a declaration is kept in, apart from UTF-8; the more common first, for where two fit alike."""
_SAMPLE = 1_000_000
"""Bytes; more of the same text tells no more of its encoding."""


def decode(raw: bytes) -> str:
    """The text of a file, its byte order mark left out.

    UTF-8 with less than one bad byte in a thousand is UTF-8 that was damaged; the damage shows as U+FFFD.

    Raises:
        Unreadable: it is not text in any encoding that can be told.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _decode(raw[len(mark) :], encoding)
    if halves := _utf_16(raw):
        return _decode(raw, halves)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        damaged = raw.decode("utf-8", "replace")
    if damaged.count("\N{REPLACEMENT CHARACTER}") * 1000 < len(damaged):
        return damaged
    return _decode(raw, _guess(raw))


def _utf_16(raw: bytes) -> str:
    """Which UTF-16 this is, told by the zeros in the upper halves of Latin letters and of most scripts' punctuation."""
    halves = {"utf-16-be": raw[:_SAMPLE:2], "utf-16-le": raw[1:_SAMPLE:2]}
    return next((encoding for encoding, half in halves.items() if half.count(0) * 2 > len(half)), "")


def _guess(raw: bytes) -> str:
    declared = _DECLARED.search(raw[:2000])
    if declared and _holds(raw, name := declared[1].decode("ascii")):
        return name
    found = from_bytes(raw[: raw.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE], cp_isolation=_IN_USE)
    if not found:
        raise Unreadable("is not text in an encoding that can be told; save it as UTF-8")
    # how far words cohere tells one alphabet's encodings apart; in scripts without alphabets, only chaos tells
    return max(found, key=lambda m: (m.coherence, 0 if m.coherence else -m.chaos, -_IN_USE.index(m.encoding))).encoding


def _holds(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _decode(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not the {encoding.upper()} it seems to be (byte {error.start}); save it as UTF-8") from error
