import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rag.formats.article import Article, Unreadable
from rag.formats.json import json_articles, json_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "title", "author", "name", "date", "url", "id", "articles", "content_html"]), inner
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_gives_articles_or_reasons(value: Any) -> None:
    raw = json.dumps(value).encode()
    for parser in (json_articles, json_lines):
        try:
            found = list(parser(raw))
        except Unreadable:
            found = []
        for one in found:
            if isinstance(one, Article):
                one.text.encode()
                assert all(isinstance(v, str) for v in (one.title, one.author, one.publisher, one.date, one.language, one.key))


def only(entry: object) -> Article:
    (article,) = json_articles(json.dumps(entry).encode())
    assert isinstance(article, Article)
    return article


def test_the_names_in_use_are_known() -> None:
    schema = {
        "headline": "H",
        "articleBody": "Words.",
        "author": [{"name": "A"}, {"name": "B"}],
        "datePublished": "2025-03-12T01:02Z",
    }
    found = only(schema | {"publisher": {"name": "P"}, "inLanguage": "id", "url": "https://e.example/1"})
    assert (found.title, found.author, found.publisher, found.date, found.language) == ("H", "A, B", "P", "2025-03-12", "id")
    assert found.key == "https://e.example/1"


def test_a_list_may_stand_under_a_name_and_its_text_may_be_html() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": 7, "content_html": "<p>One.</p><p>Two &amp; three.</p>"}],
    }
    found = only(feed)
    assert (found.text, found.key, found.title) == ("One.\n\nTwo & three.", "7", "One.")


def test_an_empty_value_gives_way_to_the_next_name() -> None:
    assert only({"text": "", "body": "Words.", "title": None, "headline": "H"}).title == "H"
