"""What the reader is trained on: windows with and without an answer."""

import random

import pytest

from training import data
from training.batches import Example, assemble, claimed, key, negative, own, positive, window
from training.data import Authored, Claim, Fact, Story
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


NEWS = {"n": {"id": STORY}, "m": {"id": Story("Lain", "Delapan apa. Sembilan.", ((0, 12), (13, 22)), "id")}}
ASKED = Authored("n", (2,), {"ind": "enam"}, "fact", {"en": "Five what?", "id": "Lima apa?"}, tempting=(1,))
EARLIER = Authored("n", (0,), {"ind": "dua"}, "fact", {"en": "One what?", "id": "Satu apa?"})
PLACES = [("n", 3), ("n", 0), ("m", 1)]


def made(item: Authored, seed: int) -> Example:
    example = own(NEWS, {key(item): PLACES}, [EARLIER])(item, random.Random(seed))
    assert isinstance(example, Example)
    return example


def test_what_tempts_a_careless_reader_is_what_a_question_is_mostly_put_beside() -> None:
    examples = [made(ASKED, seed) for seed in range(200)]
    wrong = [w.text for e in examples for w, gold in zip(e.windows, e.gold, strict=True) if not gold and w.text in STORY.text]
    assert sum("Tiga" in text for text in wrong) > sum("Satu" in text for text in wrong) > 0


def test_only_sentences_that_answer_are_right() -> None:
    for example in (made(ASKED, seed) for seed in range(200)):
        for shown, gold in zip(example.windows, example.gold, strict=True):
            assert {shown.text[slice(*shown.sentences[i])] for i in gold} <= {"Lima enam."}


def test_now_and_then_a_question_stands_behind_another_or_beside_itself() -> None:
    examples = [made(ASKED, seed) for seed in range(200)]
    assert {e.question for e in examples} == {"Five what?", "Lima apa?", "One what? Five what?", "Satu apa? Lima apa?"}
    assert {"Five what?", "Lima apa?"} <= {w.text for e in examples for w in e.windows}


def test_a_follow_up_always_stands_behind_the_turn_it_leans_on() -> None:
    turn = Authored("n", (2,), {}, "follow-up", {"en": "And five?"}, before="One what?")
    assert {made(turn, seed).question for seed in range(20)} == {"One what? And five?"}


def test_a_statement_of_ours_stands_beside_its_lines() -> None:
    statement = claimed(NEWS)(Claim("n", (1, 2), 0, {"en": "Three four and five six."}), random.Random(0))
    assert statement == data.Statement("Three four and five six.", "Tiga empat. Lima enam.", 0)


def test_a_statement_and_its_altered_twin_stand_beside_the_same_lines_in_one_language() -> None:
    claim = Claim("n", (1,), 1, {"en": "Three four.", "ru": "Три четыре."}, {"en": "Three five.", "ru": "Три пять."})
    contrast = claimed(NEWS)(claim, random.Random(0))
    assert isinstance(contrast, data.Contrast)
    assert (contrast.carried.label, contrast.altered.label) == (0, 1)
    assert contrast.carried.passage == contrast.altered.passage
    assert (contrast.carried.text, contrast.altered.text) in {("Three four.", "Three five."), ("Три четыре.", "Три пять.")}
