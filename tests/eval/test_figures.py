"""From results to figures: what counts, among what, and what may be said."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import Place, Suite
from eval.figures import ALL, Figure, confidences, figures, headline, matrix, parity, scored
from eval.runner import Result, run
from eval.scored import Scored, Texts
from rag.answer import decline, quote
from rag.reader import Reading
from rag.records import Answer, Span, Support
from tests.eval.cheats import AlwaysDeclines, QuotesTheFirstSentence
from tests.eval.conftest import BREAD, SIEGE

FELL, RAIN, MADE = Reading(SIEGE, Span(0, 26), 0.9), Reading(SIEGE, Span(27, 53), 0.5), Reading(BREAD, Span(0, 28), 0.9)


def answered(*readings: Reading, confidence: float = 0.9) -> Answer:
    return replace(quote("?", "en", readings) if readings else decline("?", "en", [RAIN]), confidence=confidence)


def measured(suite: Suite, *answers: Answer, hits: tuple[Place, ...] | None = None) -> list[Scored]:
    return scored(suite, [Result(c.id, answer, hits) for c, answer in zip(suite.cases, answers, strict=True)])


def overall(suite: Suite, rows: list[Scored]) -> dict[str, Figure]:
    return {f.measure: f for f in figures(suite, rows) if f.group == ALL}


@pytest.fixture
def rows(suite: Suite) -> list[Scored]:
    """Right; wrong; declined; right beside something else; invented."""
    return measured(suite, answered(FELL), answered(RAIN), answered(confidence=0.1), answered(MADE, RAIN), answered(RAIN))


def test_every_case_ends_in_one_of_five_ways(rows: list[Scored], suite: Suite) -> None:
    assert [row.outcome for row in rows] == ["right", "wrong", "missed", "right", "invented"]
    assert scored(suite, [Result(c.id, answered()) for c in suite.cases])[-1].outcome == "declined"


def test_shares_are_of_what_qualifies(rows: list[Scored], suite: Suite) -> None:
    found = overall(suite, rows)
    assert {name: (found[name].value, found[name].n) for name in ("right", "risk", "hallucination rate", "error rate")} == {
        "right": (2 / 4, 4), "risk": (2 / 4, 4), "hallucination rate": (1.0, 1), "error rate": (1 / 4, 4),
    }  # fmt: skip
    assert (found["declining precision"].value, found["declining precision"].n) == (0, 1)
    assert found["citation precision, sentence"].value == (1 + 0 + 1 / 2 + 0) / 4, "an invented answer's citations are wrong"
    assert found["citation recall, sentence"].value == (1 + 0 + 1) / 3
    assert found["citation precision, character"].value == pytest.approx((1 + 0 + 28 / (28 + 26) + 0) / 4)
    assert found["citation precision, passage"].value == (1 + 1 + 1 / 2 + 0) / 4, "a neighbour stands in the same passage"
    assert found["containment"].value == (1 + 0 + 1) / 3
    assert found["exact match"].value == 0


def test_the_exact_words_count_where_the_reader_points_them_out(suite: Suite) -> None:
    pointed = answered(replace(FELL, words=Span(19, 25)))
    row = measured(replace(suite, cases=suite.cases[:1]), pointed)[0]
    assert row.said == "Monday"
    assert overall(suite, [row])["exact match"].value == 1


def test_no_figure_is_of_no_case(suite: Suite, tmp_path: Path) -> None:
    found = figures(suite, scored(suite, run(suite, AlwaysDeclines(suite.documents), tmp_path / "j")))
    assert all(figure.n > 0 for figure in found)
    assert "latency p50" not in {f.measure for f in found}, "the double takes no time"


def test_retrieval_counts_one_find_once_and_skips_what_cannot_miss(suite: Suite) -> None:
    long = replace(SIEGE, text=" ".join(f"This is sentence {n} of many." for n in range(1, 13)))
    place = Place("siege", 0, 27)
    case = replace(suite.cases[0], evidence=(place,))
    texts = Texts([long, BREAD])
    hits = (Place("bread", 0, 28), Place("siege", 0, 83), Place("siege", 0, 40), Place("siege", 56, 120))
    found = overall(suite, [Scored(case, Result(case.id, hits=hits), texts)])
    assert found["MRR"].value == 1 / 2
    assert found["passage recall@1"].value == 0
    assert found["passage recall@5"].value == 1
    assert found["document recall@1"].value == 0
    assert "passage recall@50" not in found, "there are not so many passages"


def test_what_it_would_have_said_counts_towards_risk_and_coverage_when_it_declined(suite: Suite) -> None:
    unsure = replace(decline("?", "en", [FELL]), confidence=0.2)
    _, wrong, _ = confidences(measured(suite, unsure, answered(RAIN), answered(FELL), answered(MADE), answered(RAIN)))
    assert wrong == [0, 1, 1, 0, 1]


def test_languages_are_compared_with_english_item_by_item(suite: Suite) -> None:
    (found,) = parity(measured(suite, answered(FELL), answered(RAIN), answered(MADE), answered(), answered()))
    assert (found.language, found.difference.value, found.difference.n) == ("id", -1, 2)
    assert found.difference.verdict == "lower"


def test_pairs_of_languages_are_a_matrix_where_documents_are_in_several(suite: Suite) -> None:
    cases = tuple(replace(c, document_language="en" if c.cluster == "siege" else "id") for c in suite.cases)
    rows = measured(replace(suite, cases=cases), *[answered(FELL)] * 5)
    assert matrix(rows) == {("en", "en"): (1, 1), ("id", "en"): (1, 1), ("en", "id"): (0, 1), ("id", "id"): (0, 1)}
    assert matrix(measured(suite, *[answered(FELL)] * 5)) == {}


def test_a_turn_is_untouched_by_history_when_it_cites_what_it_cites_alone(suite: Suite) -> None:
    turn = replace(suite.cases[0], after=("x",))
    alone = replace(suite.cases[0], id="alone", alone=turn.id)
    both = replace(suite, cases=(turn, alone))
    assert overall(both, measured(both, answered(FELL), answered(FELL)))["untouched by history"].value == 1
    assert overall(both, measured(both, answered(RAIN), answered(FELL)))["untouched by history"].value == 0
    assert overall(both, measured(both, answered(RAIN), answered(FELL)))["right"].n == 1, "asked again, counted once"


def test_support_is_right_where_the_likeliest_of_three_is(suite: Suite) -> None:
    cases = tuple(replace(suite.cases[0], id=kind, kind=kind, premise="p") for kind in ("supported", "neither"))
    rows = scored(replace(suite, cases=cases), [Result(c.id, support=Support(0.5, 0.1, 0.4)) for c in cases])
    assert overall(suite, rows)["support"].value == 1 / 2
    assert headline(rows).name == "support"


def test_the_language_of_answers_and_of_refusals_is_counted_apart(suite: Suite, tmp_path: Path) -> None:
    found = overall(suite, scored(suite, run(suite, QuotesTheFirstSentence(suite.documents), tmp_path / "j")))
    assert (found["answer language"].value, found["answer language"].n) == (3 / 5, 5)
    assert "declining language" not in found
