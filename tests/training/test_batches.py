"""What the reader is trained on: windows with and without an answer."""

import random

import pytest

from training.batches import Example, assemble, negative, positive, window
from training.data import Fact, Story
from training.mixture import Mixture, near

STORY = Story("Judul", "Satu dua. Tiga empat. Lima enam. Tujuh delapan.", ((0, 9), (10, 21), (22, 32), (33, 47)), "id")
FACT = Fact("Lima apa?", STORY, frozenset({2}), (27, 31))


@pytest.mark.parametrize("seed", range(20))
def test_a_positive_window_holds_the_answer_and_its_words(seed: int) -> None:
    made, gold, words = positive(FACT, random.Random(seed), title=True)
    (sentence,) = gold
    assert made.text[slice(*made.sentences[sentence])] == "Lima enam."
    assert words is not None
    assert made.text[slice(*words)] == "enam"


@pytest.mark.parametrize("seed", range(20))
def test_a_negative_window_holds_no_answer(seed: int) -> None:
    made = negative(STORY, FACT.gold, random.Random(seed), title=False)
    assert made is None or "Lima" not in made.text


def test_a_window_s_offsets_are_its_own() -> None:
    made = window(STORY, 1, 2, title=False)
    assert made.title == ""
    assert [made.text[slice(*place)] for place in made.sentences] == ["Tiga empat.", "Lima enam."]


def test_an_example_may_leave_the_answer_out() -> None:
    made = assemble(FACT, [window(STORY, 0, 1, title=False)], random.Random(0), title=False, answered=False)
    assert made.gold == (frozenset(),)
    assert made.words == (None,)


def test_the_stories_that_look_alike_are_others_without_the_answer_s_words() -> None:
    other = Story("", "Lima tujuh.", ((0, 11),), "id")
    telling = Story("", "Lima enam lagi.", ((0, 15),), "id")
    facts = [FACT, Fact("Apa?", other, frozenset(), None), Fact("Apa?", telling, frozenset(), None)]
    assert near(facts)[0] == [other]


def test_a_stream_that_is_restored_goes_on_where_it_was() -> None:
    def make(item: int, rng: random.Random) -> Example:
        return Example(f"{item} {rng.random()}", (), (), (), words_known=True)

    sources = {"a": (list(range(5)), make, 1.0), "b": (list(range(3)), make, 2.0)}
    stream, again = Mixture(sources, seed=1), Mixture(sources, seed=1)
    for _ in range(7):
        next(stream)
    again.restore(stream.state())
    assert [next(again) for _ in range(9)] == [next(stream) for _ in range(9)]
