import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.passages import MAX_PASSAGE_BYTES, MAX_PASSAGE_SENTENCES, MAX_SENTENCE_BYTES, passages, sentences
from rag.records import Document

PIECES = ["Presiden berkata.", 'ia berkata "tidak."', "Tetapi", "melaporkan.", " ", "\n\n", "[IT/AR]", "3,2", "U.S."]
PIECES += ["\u202f", "\xa0", ". ", "。", "؟", "नहीं।", "👩\u200d👩\u200d👧", "e\u0301", "\u200f"]
NEWS = st.lists(st.sampled_from(PIECES)).map("".join)
TEXTS = st.text() | NEWS | st.text(min_size=1).map(lambda text: text * 300)


def words(document: Document) -> list[str]:
    return [document.text[s.start : s.end] for s in sentences(document.text, document.language)]


def test_the_article_is_cut_into_its_sentences(article: Document) -> None:
    cut = words(article)
    assert len(cut) == 12
    assert cut[0] == "date 2022-01 Blinken dan Lavrov (Axios)."
    assert cut[2].endswith("Axios melaporkan.")
    assert cut[3].startswith("Tetapi AS dan NATO")
    assert cut[4].endswith('yang diarahkan ke Ukraina."')
    assert cut[-1] == "[IT/AR]"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param('"Kenapa?" dia bertanya.', "id", id="question"),
        pytest.param("“Apakah kalian siap?” lapor CNN.", "id", id="report"),
        pytest.param('"Why?" she asked.', "en", id="English"),
        pytest.param("« Êtes-vous prêts ? » a demandé CNN.", "fr", id="French"),
        pytest.param('She called it "Snow White."', "en", id="quotation mark"),
    ],
)
def test_who_said_it_stays_with_what_was_said(text: str, language: str) -> None:
    whole = f"Dia datang. {text} Lalu pergi."
    assert text in [whole[s.start : s.end] for s in sentences(whole, language)]


def test_lines_are_not_joined() -> None:
    text = "Siap?\nbelum.\n***\nYa."
    assert next(text[s.start : s.end] for s in sentences(text, "id")) == "Siap?"


def test_passages_are_windows_that_overlap(article: Document) -> None:
    cut = passages(article)
    assert [len(p.sentences) for p in cut] == [3] * 10
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(cut))


@given(TEXTS, st.sampled_from(["id", "en", "zh", "ar", "th", "xx"]))
@example("a" * 5000, "en")
@example("字" * 3000, "zh")
@example("\r\nA.\r\nB\u2028C. \u0301", "en")
def test_sentences_lose_nothing_but_white_space_and_never_overlap(text: str, language: str) -> None:
    at = 0
    for span in sentences(text, language):
        assert text[at : span.start].strip() == ""
        assert span.start < span.end
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert len(text[span.start : span.end].encode()) <= MAX_SENTENCE_BYTES
        at = span.end
    assert text[at:].strip() == ""


@given(TEXTS)
def test_every_passage_is_a_slice_of_its_document_and_every_sentence_is_in_one(text: str) -> None:
    document = Document("d", text, "title", "id")
    cut = passages(document)
    for passage in cut:
        assert document.text[passage.start : passage.end] == passage.text
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert len(passage.sentences) <= MAX_PASSAGE_SENTENCES
        assert len(passage.text.encode()) <= MAX_PASSAGE_BYTES
    assert {s for p in cut for s in p.sentences} == set(sentences(text, "id"))
