"""Words beside words, with vectors that can be predicted by hand."""

from rag.alignment import Alignment
from rag.embedding import HashingEmbedder

EMBEDDER = HashingEmbedder(4096)


def aligned(statement: str, *passages: str) -> Alignment:
    return Alignment(EMBEDDER.tokens([statement])[0], EMBEDDER.tokens(passages))


def test_a_statement_in_the_words_of_its_evidence_is_carried_whole() -> None:
    assert aligned("the bridge is open", "since noon the bridge is open").weakest()[0] == 1.0


def test_the_weakest_words_are_those_from_outside() -> None:
    text = "the old bridge by the sea is open after months of angry protest"
    closeness, (start, end) = aligned(text, "the old bridge by the sea is open").weakest()
    assert closeness == 0.0
    assert text[start:end] == "after months of angry protest"


def test_a_word_of_the_evidence_is_about_what_stands_beside_it() -> None:
    told = "the bridge is not open today"
    start = told.index("not")
    assert aligned("open today", told).about(0, (start, start + 3)) == 1.0
    assert aligned("another matter", told).about(0, (start, start + 3)) == 0.0


def test_home_is_the_passage_that_says_the_rest() -> None:
    assert aligned("Sari said it rains", "Sari came home", "Budi said it rains").home([(0, 4)]) == 1
