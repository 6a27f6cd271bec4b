import re
from dataclasses import replace
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from rag.page.articles import Mark, article, library, paragraphs
from rag.records import Document, Span
from tests.page.conftest import TEXT

LINES = st.text(st.sampled_from("ab. <&\"' é\u202e\r\n\n\u2028"), min_size=1, max_size=60)


def marked(html: str, number: int) -> str:
    pattern = rf'<mark data-numbers="(?:\d+ )*{number}(?: \d+)*"[^>]*>(.*?)</mark>'
    return unescape("".join(re.findall(pattern, html, re.DOTALL)))


def shown(document: Document, *marks: Mark, active: int | None = 1) -> str:
    return article(document, marks, active=active, about="Why?", notes=(), language="en")


def test_the_words_marked_are_the_words_quoted(document: Document):
    html = shown(document, Mark(1, Span(23, 40)), Mark(2, Span(0, 22)))
    assert marked(html, 1) == TEXT[23:40]
    assert marked(html, 2) == TEXT[:22]


def test_the_words_that_answer_stand_out_in_the_mark(document: Document):
    html = shown(document, Mark(1, Span(23, 40), Span(32, 39)))
    assert re.sub("</?(mark|strong)[^>]*>", "", html).count(TEXT[23:40]) == 1
    assert re.findall("<strong>(.*?)</strong>", html) == [TEXT[32:39]]


def test_marks_that_overlap_each_keep_all_their_words(document: Document):
    html = shown(document, Mark(1, Span(0, 30)), Mark(2, Span(13, 40)))
    assert marked(html, 1) == TEXT[:30]
    assert marked(html, 2) == TEXT[13:40]


@given(LINES, st.data())
def test_an_article_shows_every_word_once_and_marks_exactly_the_span(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = paragraphs(Document("d", text, "t", "en"), [Mark(1, Span(start, end))], 1)
    segments = [segment for paragraph in found for sentence in paragraph for segment in sentence.segments]
    lines = [line.rstrip("\r\n") for line in text.splitlines(keepends=True) if line.strip()]
    assert "".join(segment.text for segment in segments) == "".join(lines)
    assert len(found) >= len(lines)
    words = "".join(segment.text for segment in segments if segment.numbers)
    assert "".join(words.split()) == "".join(text[start:end].split())


def test_each_translated_sentence_stands_with_its_original(document: Document):
    (first, second), (third,) = paragraphs(document, [Mark(1, Span(23, 40))], 1)
    assert [sentence.glosses[0][1] for sentence in (first, second, third)] == [
        "The city opened a bridge.",
        "It cost 40 million.",
        "The bridge is everyone's.",
    ]
    assert [sentence.cited for sentence in (first, second, third)] == [False, True, False]


def test_an_article_says_who_published_it_when_and_in_which_language(document: Document):
    html = shown(replace(document, source="Kantor Berita"))
    for part in ("Koran", "after Kantor Berita", '<time datetime="2026-11-09">', 'lang="id"', "Translation by a person"):
        assert part in html


def test_a_close_passage_is_not_marked_as_evidence(document: Document):
    html = shown(document, Mark(0, Span(0, 22)), active=0)
    assert 'class=" near"' in html
    assert "active" not in html
    assert "which does not answer the question" in html


def test_a_long_list_of_articles_is_cut_and_says_so(document: Document):
    many = [replace(document, id=f"news-{n}") for n in range(250)]
    html = library(many, language="en")
    assert html.count("<li>") == 200
    assert "The first 200 of 250 articles;" in html


def test_a_list_of_articles_is_searched_by_title_publisher_and_date(document: Document):
    other = replace(document, id="other", title="Harga beras naik", publisher="Suara", date="2025-02-01")
    for query, found in (("HARGA suara", 1), ("2025", 1), ("20", 2), ("", 2), ("harga koran", 0)):
        assert library([document, other], query, language="en").count("<li>") == found
    assert "has these words" in library([document], "no such", language="en")
    assert "There are no articles yet." in library([], language="en")


def test_a_sentence_that_follows_without_a_space_begins_a_paragraph():
    text = 'Satu. Kata "dua."Tiga. Empat.[XY] "Lima."Enam 3.5 tujuh.\nDelapan。九。'
    found = paragraphs(Document("d", text, "t", "id"), (), None)
    assert ["".join(segment.text for sentence in paragraph for segment in sentence.segments) for paragraph in found] == [
        'Satu. Kata "dua."',
        'Tiga. Empat.[XY] "Lima."',
        "Enam 3.5 tujuh.",
        "Delapan。九。",
    ]
