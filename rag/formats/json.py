"""Articles as JSON: one, a list, a list under a name, or one a line (JSONL)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rag.formats.article import Article, Refusal, Unreadable, address, cleaned, day, first_line, label
from rag.formats.encoding import decode
from rag.formats.markup import blocks, parsed

# The names in use: our own, schema.org's, JSON Feed's, and those of news crawlers. The first that has a value counts.
_LISTS = ("articles", "items", "documents", "entries", "data")
_TEXT = ("text", "content_text", "articleBody", "maintext", "body", "content")
_TITLE = ("title", "headline", "name")
_AUTHOR = ("author", "authors", "creator", "byline")
_PUBLISHER = ("publisher", "site_name", "sitename", "source-hostname", "source_domain", "source")
_DATE = ("date", "date_published", "datePublished", "published", "date_publish", "created")
_LANGUAGE = ("language", "lang", "inLanguage")
_URL = ("url", "link", "source_url", "source")
_KEY = ("id", "guid", "key")


def json_articles(raw: bytes) -> Iterator[Article | Refusal]:
    """The articles of one JSON value.

    Raises:
        Unreadable: it is not JSON, or holds no articles.
    """
    value = _parse(decode(raw))
    if isinstance(value, dict):
        value = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), [value])
    if not isinstance(value, list) or not value:
        raise Unreadable("holds no articles (objects with a title and a text)")
    for number, entry in enumerate(value, 1):
        yield _article(entry, f"article {number}")


def json_lines(raw: bytes) -> Iterator[Article | Refusal]:
    """The articles of a file with one JSON object a line; a bad line is named and the rest goes on."""
    for number, line in enumerate(decode(raw).split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _article(_parse(line), f"line {number}")
        except Unreadable as error:
            yield Refusal(f"line {number}", str(error))


def _article(entry: Any, name: str) -> Article | Refusal:
    if not isinstance(entry, dict):
        return Refusal(name, "is not an object with a title and a text")
    text, markup = _first(entry, _TEXT), entry.get("content_html")
    if isinstance(text, str) and text.strip():
        text = cleaned(text)
    elif isinstance(markup, str) and markup.strip():
        text = blocks(parsed(markup))
    else:
        return Refusal(name, "holds no text")
    return Article(
        text=text,
        title=label(_first(entry, _TITLE)) or first_line(text),
        author=_names(_first(entry, _AUTHOR)),
        publisher=_names(_first(entry, _PUBLISHER)),
        date=day(_first(entry, _DATE)),
        language=label(_first(entry, _LANGUAGE)),
        url=address(_first(entry, _URL)),
        key=label(str(_first(entry, _KEY) or _first(entry, _URL))),
    )


def _first(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value for name in names if (value := entry.get(name))), "")


def _names(value: Any) -> str:
    """A name however it is wrapped: `"A"`, `["A", "B"]`, `{"name": "A"}`."""
    if isinstance(value, list):
        return label(", ".join(name for one in value if isinstance(one, str | dict) and (name := _names(one))))
    return label(value.get("name") if isinstance(value, dict) else value)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise Unreadable("is nested too deep") from None
    except ValueError as error:
        raise Unreadable(f"is not JSON ({error})") from error
