"""Electronic books (EPUB): each part of the reading order is an article, as in a newspaper made for e-readers."""

import posixpath
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from lxml import etree, html

from rag.formats.article import Article, Refusal, Unreadable, day, first_line, label
from rag.formats.markup import blocks, parsed

_NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "d": "http://purl.org/dc/elements/1.1/",
}


def book(raw: bytes) -> Iterator[Article | Refusal]:
    """The parts of a book that hold text, in reading order, without its table of contents.

    Raises:
        Unreadable: it is damaged or locked.
    """
    try:
        with ZipFile(BytesIO(raw)) as parts:
            names = set(parts.namelist())
            if "META-INF/encryption.xml" in names and b"EncryptedKey" in parts.read("META-INF/encryption.xml"):
                raise Unreadable("is locked (DRM); a book must be free of it to be read")
            where = _xml(parts.read("META-INF/container.xml")).xpath("string(//c:rootfile/@full-path)", namespaces=_NAMES)
            package = _xml(parts.read(where))
            yield from _articles(parts, package, posixpath.dirname(where), names)
    except (BadZipFile, KeyError, etree.LxmlError, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable("is damaged: it cannot be read as EPUB") from error


def _articles(parts: ZipFile, package: etree._Element, folder: str, names: set[str]) -> Iterator[Article | Refusal]:
    def about(path: str) -> str:
        return label(package.xpath(f"string({path})", namespaces=_NAMES))

    items = {
        item.get("id"): item
        for item in package.xpath("//o:manifest/o:item", namespaces=_NAMES)
        if "nav" not in item.get("properties", "").split()
    }
    spine = package.xpath("//o:spine/o:itemref[not(@linear='no')]/@idref", namespaces=_NAMES)
    for item in (items[name] for name in dict.fromkeys(spine) if name in items):
        path = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if path not in names:
            yield Refusal(path, "is missing from the book")
            continue
        root = parsed(parts.read(path))
        text = blocks(root)
        if not any(map(str.isalnum, text)) or _is_frame(root):
            continue
        yield Article(
            text=text,
            title=_heading(root) or first_line(text),
            author=about("//d:creator"),
            publisher=about("//d:publisher") or about("//d:title"),
            date=day(about("//d:date")),
            language=about("//d:language"),
            key=path,
        )


def _is_frame(root: html.HtmlElement) -> bool:
    """Whether a part says of itself that it belongs to the book and not to what is written in it."""
    kinds = {kind for element in root.iter("body", "section") for kind in element.get("epub:type", "").split()}
    return bool(kinds & {"copyright-page", "cover", "titlepage", "toc"})


def _heading(root: html.HtmlElement) -> str:
    return next((words for h in root.iter("h1", "h2", "h3") if (words := label(h.text_content()))), "")


def _xml(raw: bytes) -> etree._Element:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
