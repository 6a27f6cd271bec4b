"""HTML -> the words it shows, block by block; for HTML that is all content, as in feeds and books."""

import re

from lxml import etree, html

from rag.formats.article import Unreadable, cleaned

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "details", "div", "dl", "figcaption", "figure", "footer", "form", "h1"}
    | {"h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul"}
)
_LINES = frozenset({"dd", "dt", "li", "tr"})
_UNSEEN = frozenset({"head", "iframe", "math", "noscript", "object", "script", "select", "style", "svg", "template", "textarea"})


def parsed(source: str | bytes) -> html.HtmlElement:
    """The tree of a document or of a piece of one.

    Raises:
        Unreadable: there is nothing in it.
    """
    # what fits in memory as bytes may still nest without end; libxml2 stops at 256 levels unless told otherwise
    parser = html.HTMLParser(encoding="utf-8" if isinstance(source, str) else None, no_network=True, remove_comments=True)
    raw = source.encode("utf-8", "replace") if isinstance(source, str) else source
    try:
        return html.document_fromstring(raw, parser=parser)
    except etree.LxmlError as error:
        raise Unreadable("is empty") from error


def blocks(root: html.HtmlElement) -> str:
    """The text of a tree: paragraphs apart by a blank line, lines of lists and tables by a line end."""
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _LINES:
            parts.append("\n" if event == "start" else "")
        elif tag in _BLOCKS:
            parts.append("\n\n")
        if event == "end":
            parts.append(_flowing(element.tail))
        elif tag in _UNSEEN or not tag:
            walk.skip_subtree()
        else:
            parts += ["\n"] if tag == "br" else ["\t"] if tag in {"td", "th"} else []
            parts.append(_flowing(element.text))
    return cleaned(re.sub(" *\t *", "\t", "".join(parts)))


def _flowing(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
