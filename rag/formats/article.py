"""An article as a file gives it, before it has an id and a place in the library; and what was refused, with the reason."""

import re
from dataclasses import dataclass

from rag.errors import DocumentError

LONGEST_LABEL = 300
"""Code points of a title, a name, an address; what is longer is cut, for it is none."""

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_DATE = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """`text` is what offsets count in from here on; the rest is empty where the file does not say."""

    text: str
    title: str = ""
    author: str = ""
    publisher: str = ""
    date: str = ""
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    language: str = ""
    url: str = ""
    key: str = ""
    """Tells it from the others of the same file, also when the file is read again."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was to be read and was not, and why, as the end of a sentence: `NAME REASON`."""

    name: str
    reason: str
    passed_over: bool = False
    """Nobody asked for it in particular: a picture in a folder of articles."""

    def __str__(self) -> str:
        """The whole sentence."""
        return f"{self.name} {self.reason}"


class Unreadable(DocumentError):
    """A file that cannot be read; the message is a `Refusal.reason`."""


def cleaned(text: str) -> str:
    """Extracted text as it is stored: one kind of line end, at most one blank line, no control characters, no half of a pair.

    Plain text does not come through here: it is stored as it is.
    """
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", text)).strip()


def label(text: object) -> str:
    """A title, name or address on one line; empty where there is none."""
    return " ".join(cleaned(text).split())[:LONGEST_LABEL] if isinstance(text, str) else ""


def address(text: object) -> str:
    """A web address, or empty where it is not one; `javascript:` is none."""
    found = label(text)
    return found if found.startswith(("http://", "https://")) else ""


def day(text: object) -> str:
    """The date at the beginning of an ISO 8601 time, or empty where it is not one."""
    found = _DATE.match(text.strip()) if isinstance(text, str) else None
    return found[0] if found else ""


def first_line(text: str) -> str:
    """The first line with words, which is the title where no other is given."""
    return label(next((line for line in text[:10_000].splitlines() if line.strip()), ""))
