"""Plain text and Markdown."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from rag.formats.article import Article, Unreadable, address, day, first_line, label
from rag.formats.encoding import decode
from rag.formats.markup import blocks, parsed

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def plain_text(raw: bytes) -> Iterator[Article]:
    """The text as it is, code point for code point; its first line is its title."""
    text = _unmarked(raw)
    yield Article(text=text, title=first_line(text))


def markdown(raw: bytes) -> Iterator[Article]:
    """What Markdown shows when rendered; `key: value` lines between `---` at the top are about it."""
    source = _unmarked(raw).replace("\r\n", "\n")
    front = _FRONT.match(source)
    about = dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", front[1], re.MULTILINE)) if front else {}
    about = {key.lower(): value.strip("\"'") for key, value in about.items()}
    source = source[front.end() :] if front else source
    text = blocks(parsed(MarkdownIt("commonmark").enable("table").render(source)))
    heading = _HEADING.search(source)
    yield Article(
        text=text,
        title=label(about.get("title")) or (label(heading[1]) if heading else "") or first_line(text),
        author=label(about.get("author")),
        date=day(about.get("date")),
        language=label(about.get("lang") or about.get("language")),
        url=address(about.get("url")),
    )


def _unmarked(raw: bytes) -> str:
    text = decode(raw)
    if "\0" in text:
        raise Unreadable("is binary, not text (it holds NUL)")
    return text
