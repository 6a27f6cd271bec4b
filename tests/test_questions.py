import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.questions import MAX_CHARACTERS, asks, checked_question


def test_a_question_is_put_on_one_line_in_composed_unicode() -> None:
    assert checked_question("  Where is\n the cafe\u0301? ") == "Where is the caf\u00e9?"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        pytest.param("", "is blank", id="empty"),
        pytest.param(" \n\t", "is blank", id="blank"),
        pytest.param("?!…", "is blank", id="no word"),
        pytest.param("x" * 100_000, "has 100,000 characters; the limit is 2,000", id="100,000 characters"),
        pytest.param("who\0", r"U\+0000 at position 3", id="NUL"),
        pytest.param("who\x1b[2J", r"U\+001B at position 3", id="control character"),
        pytest.param("who\ud800", r"U\+D800 at position 3", id="lone surrogate"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(question: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        checked_question(question)


@given(st.text(max_size=MAX_CHARACTERS))
def test_what_is_accepted_is_accepted_again_unchanged(text: str) -> None:
    try:
        question = checked_question(text)
    except QuestionError:
        return
    assert checked_question(question) == question
    question.encode()


@pytest.mark.parametrize(
    ("sentence", "does"),
    [
        pytest.param("Akankah hujan turun?", True, id="Indonesian"),
        pytest.param("会下雨吗？」", True, id="Chinese, in quotation marks"),
        pytest.param("هل ستمطر؟ ", True, id="Arabic"),
        pytest.param("“Will it rain?” she asked.", False, id="tells who asked"),
        pytest.param("It will rain; so they said", False, id="a statement"),
    ],
)
def test_a_sentence_that_ends_in_a_question_mark_asks(sentence: str, does: bool) -> None:
    assert asks(sentence) is does
