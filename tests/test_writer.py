from collections.abc import Generator, Iterable, Sequence

import pytest

from rag import Citation, ScriptedModel, Sentence, Turn
from rag.errors import LanguageModelError
from rag.gate import Gate
from rag.language_model import LanguageModel, Meter, Prompt
from rag.writer import MOST_SENTENCES, Writer

QUOTES = ("Kota membuka jembatan baru pada hari Senin.", "Jembatan itu menelan biaya 40 juta rupiah.")
OPENED = "The city opened a new bridge on Monday."
COST = "The bridge cost 40 million rupiah."


def cited(number: int, quote: str) -> Citation:
    return Citation(number, "news", "Jembatan", 0, len(quote), quote, 0.9, "0" * 64)


QUOTATIONS = [cited(number, quote) for number, quote in enumerate(QUOTES, 1)]


class NothingFrom(Gate):
    """A gate that refuses a sentence with a certain word in it."""

    def __init__(self, word: str = "invented") -> None:
        super().__init__(None)
        self._word = word
        self.seen: list[tuple[str, Sequence[str], str]] = []

    def check(self, sentence: str, evidence: Sequence[str], *, question: str = "", **_: object) -> tuple[str, ...]:
        self.seen.append((sentence, evidence, question))
        return ("it is made up",) if self._word in sentence else ()


class Broken:
    """A model that fails after a while, or does not end."""

    name = "broken"

    def __init__(self, *pieces: str, then: Iterable[str] = ()) -> None:
        self._pieces, self._then = pieces, then

    def stream(self, prompt: Prompt, meter: Meter) -> Generator[str, None, None]:
        yield from self._pieces
        yield from self._then
        raise LanguageModelError("broken broke off")


def written(model: LanguageModel, gate: Gate | None = None, language: str = "en") -> tuple[list[str], list[str]]:
    """What is given and what is refused."""
    problems: list[str] = []
    sentences = Writer(model, gate or NothingFrom()).write("When did it open?", language, QUOTATIONS, problems, Meter())
    return [s.marked for s in sentences], problems


def test_each_sentence_is_given_with_the_numbers_it_cites() -> None:
    gate = NothingFrom()
    assert written(ScriptedModel({"": f"{OPENED} [1] {COST} [2][1]"}), gate) == ([f"{OPENED} [1]", f"{COST} [2][1]"], [])
    assert gate.seen == [(OPENED, [QUOTES[0]], "When did it open?"), (COST, [QUOTES[1], QUOTES[0]], "When did it open?")]


def test_a_sentence_is_given_before_the_next_one_is_written() -> None:
    writer = Writer(Broken(OPENED, " [1]", " The", then=["bridge"]), NothingFrom())
    sentences = writer.write("When?", "en", QUOTATIONS, [], Meter())
    assert next(sentences) == Sentence(OPENED, (1,))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (f"{OPENED} [3]", "there is no quotation 3"),
        (OPENED, "it cites nothing"),
        ("Город открыл новый мост в понедельник утром. [1]", "it is not in the language 'en'"),
        ("An invented bridge was opened. [1]", "it is made up"),
    ],
)
def test_what_is_refused_is_asked_for_once_more_with_the_reason_and_then_dropped(reply: str, reason: str) -> None:
    model = ScriptedModel({"": reply})
    given, (problem,) = written(model)
    assert given == []
    assert problem.endswith(f": {reason}")
    _, second = model.prompts
    assert reason in second.content
    better = written(ScriptedModel({"": [reply, f"{OPENED} [1]"]}))
    assert better == ([f"{OPENED} [1]"], [] if OPENED in reply else [problem])
    assert written(ScriptedModel({"": [f"{OPENED} [1] {reply}", "NONE"]}))[1] == ([] if OPENED in reply else [problem])


def test_what_passed_at_first_is_not_said_again() -> None:
    replies = [f"{OPENED} [1] Something invented. [2]", f"{OPENED} [1] {COST} [2]"]
    given, problems = written(ScriptedModel({"": replies}))
    assert given == [f"{OPENED} [1]", f"{COST} [2]"]
    assert problems == ["“Something invented.”: it is made up"]


def test_words_that_leave_out_what_answers_best_are_not_given() -> None:
    assert written(ScriptedModel({"": f"{COST} [2]"})) == ([], [f"“{COST}”: it leaves out what answers best"])
    assert written(ScriptedModel({"": f"{COST} [2] {OPENED} [1]"}))[0] == [f"{COST} [2]", f"{OPENED} [1]"]


@pytest.mark.parametrize("reply", ["", "NONE", " NONE.\n", "[1]", "..."])
def test_a_model_that_finds_nothing_says_nothing(reply: str) -> None:
    assert written(ScriptedModel({"": reply})) == ([], ["scripted wrote nothing"])


def test_what_has_passed_stands_where_the_model_breaks_off() -> None:
    assert written(Broken(f"{OPENED} [1] The bri")) == ([f"{OPENED} [1]"], ["broken broke off"])
    assert written(Broken("The bri")) == ([], ["broken broke off"])


def test_a_model_without_end_is_stopped() -> None:
    circles = (f"{OPENED} [1] " for _ in iter(int, 1))
    assert written(Broken(then=circles)) == ([f"{OPENED} [1]"], [])
    given, problems = written(Broken(f"{OPENED} [1] ", then=("on and " for _ in iter(int, 1))))
    assert given == [f"{OPENED} [1]"]
    assert all(len(problem) < 250 for problem in problems)
    assert written(Broken(f"{OPENED} [1] ", then=(" \n" for _ in iter(int, 1))))[1] == ["broken does not come to an end"]


def test_a_reply_is_read_no_further_than_it_is_used() -> None:
    taken: list[int] = []
    endless = (f"Day {taken.append(n) or n} was fine. [1] " for n in iter(lambda: len(taken), -1))
    given, _ = written(Broken(then=endless))
    assert len(given) == MOST_SENTENCES
    assert len(taken) <= MOST_SENTENCES + 1


def test_a_follow_up_is_made_to_stand_alone_or_left() -> None:
    history = [Turn("When did the bridge open?", "On Monday. [1]")]

    def alone(reply: str) -> str | None:
        return Writer(ScriptedModel({"And its cost?": reply}), NothingFrom()).standalone("And its cost?", history, Meter())

    assert alone("\n What is the  bridge's cost?\nIt cost 40.") == "What is the bridge's cost?"
    for unsound in ("", "x" * 3000, "The bridge's cost is 40.", "Its cost? [1]", "When was it opened?"):
        assert alone(unsound) is None
    assert Writer(Broken("What"), NothingFrom()).standalone("And?", history, Meter()) is None


def test_a_gloss_is_marked_as_machine_made_and_passes_the_gate_or_is_left_out() -> None:
    def gloss(reply: str) -> object:
        return Writer(ScriptedModel({QUOTES[0]: reply}), NothingFrom()).gloss(QUOTES[0], "en", Meter())

    made = gloss(f"{OPENED}\nIs there more?")
    assert (made.text, made.by, made.machine) == (OPENED, "scripted", True)
    for reply in ("", "An invented bridge was opened.", "Город открыл новый мост в понедельник утром."):
        assert gloss(reply) is None
