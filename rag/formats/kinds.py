"""What kind of file this is: by what it begins with where that is certain, else by its name."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

from rag.formats.article import Article, Refusal, Unreadable
from rag.formats.docx import word
from rag.formats.epub import book
from rag.formats.feed import feed
from rag.formats.html import web_page
from rag.formats.json import json_articles, json_lines
from rag.formats.pdf import pdf
from rag.formats.plain import markdown, plain_text

Parser = Callable[[bytes], Iterator[Article | Refusal]]

PARSERS: Mapping[str, Parser] = {
    "text": plain_text,
    "markdown": markdown,
    "html": web_page,
    "pdf": pdf,
    "docx": word,
    "epub": book,
    "json": json_articles,
    "jsonl": json_lines,
    "feed": feed,
}
SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".zip": "zip",
}
OTHER_KIND = f"is not a kind of file that can be read ({' '.join(SUFFIXES)})"
_BEGINNINGS = (
    (b"<!doctype html", "html"),
    (b"<html", "html"),
    (b"<rss", "feed"),
    (b"<feed", "feed"),
    (b"<?xml", "feed"),
)
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "is an old Office file; save it as DOCX"),
    (b"{\\rtf", "is RTF; save it as DOCX"),
    (b"Rar!", "is a RAR archive; pack it as ZIP"),
    (b"7z\xbc\xaf", "is a 7z archive; pack it as ZIP"),
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
)


def kind_of(name: str, raw: bytes) -> str:
    """A key of `PARSERS`, or `zip`.

    Raises:
        Unreadable: it is empty, or no kind that can be read.
    """
    if not raw.strip():
        raise Unreadable("is empty")
    for beginning, reason in _FOREIGN:
        if raw.startswith(beginning):
            raise Unreadable(reason)
    if raw.startswith(b"PK\x03\x04"):
        return _kind_of_zip(raw)
    if b"%PDF-" in raw[:1024] and PurePath(name).suffix.lower() not in {".txt", ".md"}:
        return "pdf"
    kind = SUFFIXES.get(PurePath(name).suffix.lower())
    if kind in {"docx", "epub", "zip", "pdf"}:
        raise Unreadable(f"is damaged: it does not begin as {kind.upper()} does")
    if kind is None:
        start = raw[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        kind = next((kind for beginning, kind in _BEGINNINGS if start.startswith(beginning)), None)
    if kind is None:
        raise Unreadable(OTHER_KIND)
    return kind


def _kind_of_zip(raw: bytes) -> str:
    try:
        with ZipFile(BytesIO(raw)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("is damaged: what is packed in it cannot be listed") from error
    if "word/document.xml" in names:
        return "docx"
    return "epub" if "META-INF/container.xml" in names else "zip"
