"""Bytes -> text, in whatever encoding."""

import codecs

from charset_normalizer import from_bytes

from rag.formats.article import Unreadable

_MARKS = (  # the longer first: UTF-32's begins as UTF-16's does
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        damaged = raw.decode("utf-8", "replace")
    else:
        return text if "\0" not in text else _decode(raw, _guess(raw))
    if damaged.count("\N{REPLACEMENT CHARACTER}") * 1000 < len(damaged):
        return damaged
    return _decode(raw, _guess(raw))


def _guess(raw: bytes) -> str:
    for encoding, zeros in (("utf-16-be", raw[:_SAMPLE:2]), ("utf-16-le", raw[1:_SAMPLE:2])):
        if zeros.count(0) * 2 > len(zeros):  # the upper halves, in most scripts' punctuation and all of Latin's letters
            return encoding
    candidates = from_bytes(raw[: raw.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE])
    # its own order takes short Western European texts for Central European ones
    best = max(candidates, key=lambda match: match.coherence - match.chaos, default=None)
    if best is None:
        raise Unreadable("is not text in an encoding that can be told; save it as UTF-8")
    return best.encoding


def _decode(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not the {encoding.upper()} it seems to be (byte {error.start}); save it as UTF-8") from error
