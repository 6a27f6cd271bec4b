"""From how development questions were read to a probability and the thresholds of stated risks."""

import math
import random

import pytest

from rag.network import Network
from training.calibrate import UNANSWERABLE, Row, fit, mixed, summary


def row(score: float, *, right: bool) -> Row:
    return Row("ours", right, (score, score - 2), (right, False))


def test_a_better_score_is_likelier_right_and_less_risk_asks_for_more() -> None:
    rng = random.Random(0)
    scores = [rng.gauss(0, 2) for _ in range(400)]
    calibration = fit([row(score, right=rng.random() < 1 / (1 + 2.718**-score)) for score in scores])
    low, high = (calibration.probability([score, score - 2]) for score in (-2.0, 2.0))
    odds = (1 - UNANSWERABLE) / UNANSWERABLE  # the questions above are answerable half of the time
    assert low == pytest.approx(1 / (1 + math.exp(2) / odds), abs=0.06)
    assert high == pytest.approx(1 / (1 + math.exp(-2) / odds), abs=0.06)
    asked = [threshold for _, threshold in calibration.thresholds]
    assert asked == sorted(asked, reverse=True)


def test_risks_are_stated_for_the_assumed_share_of_unanswerable_questions_whatever_was_written() -> None:
    many = [row(1.0, right=True)] * 90
    few = [Row("idk", False, (1.0, -1.0), (False, False))] * 10
    assert fit(many + few).probability([1.0, -1.0]) == pytest.approx(1 - UNANSWERABLE, abs=0.03)


def test_every_source_counts_alike_however_many_questions_it_has() -> None:
    ours = [row(2.0, right=True)] * 10 + [row(-2.0, right=False)] * 10
    few = [Row("idk", False, (2.0, 0.0), (False, False))] * 5
    assert dict(fit(ours + few).thresholds) == pytest.approx(dict(fit(ours + few * 20).thresholds), abs=0.02)


def test_two_networks_are_mixed_weight_by_weight() -> None:
    one, other = (Network(1, 8, 2, 16, 1e-12) for _ in range(2))
    first, second = one.sentence.weight.clone(), other.sentence.weight.clone()
    assert mixed(one, other, 0.75).sentence.weight.allclose(0.75 * first + 0.25 * second)


def test_the_card_s_rows_say_how_often_the_right_sentence_came_first_and_how_far_answerable_lies_from_not() -> None:
    rows = [
        Row("idk 1", True, (2.0,), (True,)),
        Row("idk 2", True, (0.0,), (False,)),
        Row("idk", False, (1.0,), (False,)),
    ]
    others = [Row(kind, True, (1.0,), (True,)) for kind in ("alone", "pool", "made", "xquad")]
    assert list(summary(rows + others)) == [
        "| alone | 1.000 (1) |", "| pool | 1.000 (1) |", "| made | 1.000 (1) |",
        "| idk | 0.500 (2); 0.500 (3) |", "| xquad | 1.000 (1) |",
    ]  # fmt: skip
