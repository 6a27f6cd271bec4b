"""Word documents (DOCX)."""

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from zipfile import BadZipFile

from rag.formats.article import Article, Unreadable, cleaned, first_line, label

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GIVES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}
# A text box stands twice in the file, for new and for old readers.
_WORDS = (
    "(.//w:t | .//w:tab[not(ancestor::w:pPr)] | .//w:br | .//w:cr | .//w:noBreakHyphen)[not(ancestor::*[local-name()='Fallback'])]"
)


def word(raw: bytes) -> Iterator[Article]:
    """Every paragraph, also in tables, text boxes and tracked insertions. The date is left open, as with PDF.

    Raises:
        Unreadable: it is damaged, or not a Word document.
    """
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        document = docx.Document(BytesIO(raw))
        about = document.core_properties
    except (OpcError, LxmlError, BadZipFile, KeyError, ValueError, AttributeError, NotImplementedError, OSError) as error:
        # python-docx trusts that what one part names, another holds
        raise Unreadable("is damaged: it cannot be read as DOCX") from error
    words = document.element.body.xpath(_WORDS)
    parts, row = list[str](), None
    for paragraph, group in groupby(words, key=lambda word: next(word.iterancestors(f"{_W}p"))):
        above, row = row, next(paragraph.iterancestors(f"{_W}tr"), None)
        parts.append("\t" if row is not None and row is above else "\n\n")
        parts += [_GIVES.get(word.tag, word.text or "") for word in group]
    text = cleaned("".join(parts))
    yield Article(text=text, title=label(about.title) or first_line(text), author=label(about.author))
