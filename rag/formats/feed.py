"""RSS and Atom feeds: each entry is an article."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from rag.formats.article import Article, Refusal, Unreadable, address, day, first_line, label
from rag.formats.markup import blocks, parsed

_MAIL = re.compile(r"[^\s()]+@[^\s()]+")
"""RSS puts an author's name in brackets behind a mail address."""


def feed(raw: bytes) -> Iterator[Article | Refusal]:
    """The entries of a feed, each with as much of its article as the feed brings.

    Raises:
        Unreadable: it is no feed, or declares entities, which a feed has no need of and an attack on the reader has.
    """
    import feedparser

    if b"<!ENTITY" in raw:
        raise Unreadable("declares XML entities, which may grow without end; a feed has no need of them")
    found = feedparser.parse(BytesIO(raw))
    if not found.version:
        raise Unreadable("is not an RSS or Atom feed")
    if not found.entries:
        raise Unreadable("is a feed without entries")
    for number, entry in enumerate(found.entries, 1):
        text = blocks(parsed(_content(entry))) if _content(entry).strip() else ""
        title = label(blocks(parsed(entry.title))) if entry.get("title", "").strip() else ""
        if not text:
            yield Refusal(f"entry {number}", "holds no text")
            continue
        date = entry.get("published_parsed") or entry.get("updated_parsed")
        yield Article(
            text=text,
            title=title or first_line(text),
            author=label(_MAIL.sub("", entry.get("author", "")).strip(" ()")),
            publisher=label(found.feed.get("title")),
            date=day("{:04}-{:02}-{:02}".format(*date)) if date else "",
            language=label(found.feed.get("language")),
            url=address(entry.get("link")),
            key=label(entry.get("id")) or label(entry.get("link")) or title,
        )


def _content(entry: Any) -> str:
    """The fullest text an entry brings."""
    return str(max([*(part.get("value", "") for part in entry.get("content", ())), entry.get("summary", "")], key=len))
