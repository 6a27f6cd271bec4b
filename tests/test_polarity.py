"""Words that turn a statement."""

import pytest

from rag.locales import WORDS
from rag.polarity import doubts, negations, refusals


def words(spans: list[tuple[int, int]], text: str) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It did not open", "en", ["not"]),
        ("Jembatan belum dibuka", "id", ["belum"]),
        ("Мост не открыт", "ru", ["не"]),
        ("桥没有开放", "zh", ["没有"]),
        ("洪水淹没了桥", "zh", []),
        ("A notable knot", "en", []),
        ("Die Brücke ist nicht offen", "de", ["nicht"]),
    ],
)
def test_negations_are_words_of_their_own(text: str, language: str, found: list[str]) -> None:
    assert words(negations(text, language), text) == found


def test_a_doubt_is_no_future() -> None:
    assert doubts("It will rain", "en") == []
    assert words(doubts("It may rain", "en"), "It may rain") == ["may"]


def test_a_refusal_says_no_without_a_negation() -> None:
    assert refusals("Ia membantah tuduhan", "id")
    assert negations("Ia membantah tuduhan", "id") == []


def test_nothing_is_found_in_a_language_without_a_table() -> None:
    assert negations("Er komt niet", "xx") == []


def test_every_language_with_negations_has_doubts_and_refusals() -> None:
    assert set(WORDS["negations"]) == set(WORDS["doubts"]) == set(WORDS["refusals"])
