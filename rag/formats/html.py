"""Web pages: the article without what stands around it."""

from collections.abc import Iterator

from rag.formats.article import Article, Unreadable, address, day, first_line, label
from rag.formats.encoding import decode
from rag.formats.markup import blocks, parsed


def web_page(raw: bytes) -> Iterator[Article]:
    """The article of a page, found by trafilatura, with what the page says about it.

    A date is taken from where a page declares one, not guessed from its words.
    """
    import trafilatura

    page = decode(raw).replace("\0", "")
    article = trafilatura.extract(page, output_format="html", include_comments=False)
    text = blocks(parsed(article or page))  # a page too small to have anything around its words is all article
    if not text:
        raise Unreadable("holds no words")
    about = trafilatura.extract_metadata(page, date_config={"original_date": True, "extensive_search": False})
    yield Article(
        text=text,
        title=label(about.title) or first_line(text),
        author=label(about.author),
        publisher=label(about.sitename) or label(about.hostname),
        date=day(about.date),
        url=address(about.url),
    )
