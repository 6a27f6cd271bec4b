import pytest

from rag.conversation import in_context, leaning, meanings
from rag.records import Turn

FIRST = Turn("Where is Russia massing its troops and weapons?", "On all sides. [1]")
SHORT = Turn("And to Belarus?", "Yes. [1]")


def test_a_first_question_means_what_it_says() -> None:
    assert meanings("Why?", []) == [("Why?", 1.0)]


@pytest.mark.parametrize("question", ["Why?", "Kapan?", "Сколько ему лет?", "为什么？", "언제?", "متى؟", "なぜ？"])
def test_a_short_follow_up_most_likely_leans_on_what_came_before(question: str) -> None:
    (likely, full), (unlikely, little) = meanings(question, [FIRST])
    assert (likely, full) == (f"{FIRST.question} {question}", 1.0)
    assert unlikely == question
    assert little < 0.5


@pytest.mark.parametrize(
    "question",
    [
        "Will US troops be sent to defend Ukraine against an invasion?",
        "Apakah pasukan Amerika akan membela Ukraina?",
        "Будут ли американские войска защищать Украину?",
        "朝鲜外务相是谁，他在联合国大会上说了什么？",
    ],
)
def test_a_question_that_names_what_it_is_about_most_likely_stands_alone(question: str) -> None:
    (likely, full), (_, little) = meanings(question, [FIRST])
    assert (likely, full) == (question, 1.0)
    assert little < 0.5


def test_the_longer_a_question_the_less_it_leans() -> None:
    assert 1 > leaning("Why?") > leaning("Why did he say so?") > leaning("Why did Lavrov say so in Geneva?") > 0


def test_context_reaches_back_to_the_last_question_that_stands_alone() -> None:
    earlier = Turn("Who asked for the meeting in Geneva on Friday?", "Blinken. [1]")
    assert in_context("Why?", [earlier, FIRST, SHORT]) == f"{FIRST.question} {SHORT.question} Why?"
    assert in_context("Why?", []) == "Why?"
