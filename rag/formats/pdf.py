"""PDF: the text of its pages, lines joined into the paragraphs they were set from."""

from collections.abc import Iterator
from io import BytesIO

from rag.formats.article import Article, Unreadable, cleaned, first_line, label


def pdf(raw: bytes) -> Iterator[Article]:
    """The text in reading order. The date is left open: a PDF knows when it was made, not when the article appeared.

    Raises:
        Unreadable: it is locked, damaged, or holds pictures only.
    """
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextContainer
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.pdfparser import PDFParser
    from pdfminer.psexceptions import PSException
    from pdfminer.utils import decode_text

    try:
        document = PDFDocument(PDFParser(BytesIO(raw)))
        boxes = [box.get_text() for page in extract_pages(BytesIO(raw)) for box in page if isinstance(box, LTTextContainer)]
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise Unreadable("is locked with a password; save it without one") from error
    except (PDFException, PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        # what pdfminer.six raises on damaged files is whatever its code meets there
        raise Unreadable("is damaged: it cannot be read as PDF") from error
    text = cleaned("\n\n".join(map(_paragraph, boxes)))
    if not text:
        raise Unreadable("holds no text, perhaps scanned pages; run text recognition (OCR) on it first")
    about = {key: value for info in document.info for key, value in info.items() if isinstance(value, bytes)}
    title = label(decode_text(about.get("Title", b"")))
    yield Article(text=text, title=title or first_line(text), author=label(decode_text(about.get("Author", b""))))


def _paragraph(box: str) -> str:
    """The lines of a box on one line. A hyphen at a line's end stays, for it may be the word's own; a soft one goes."""
    joined = ""
    for line in box.splitlines():
        words = line.strip()
        if joined.endswith("\N{SOFT HYPHEN}"):
            joined = joined[:-1] + words
        elif joined.endswith("-") and joined[-2:-1].isalpha() and words[:1].isalpha():
            joined += words
        else:
            joined = f"{joined} {words}".strip()
    return joined
