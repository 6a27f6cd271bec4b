"""From how development questions were read to a probability and the thresholds of stated risks."""

import math
import random

import pytest

from training.calibrate import UNANSWERABLE, Row, fit


def row(score: float, *, right: bool) -> Row:
    return Row("ours", right, (), (score, score - 2), (right, False), "")


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
    few = [Row("idk", False, (), (1.0, -1.0), (False, False), "")] * 10
    assert fit(many + few).probability([1.0, -1.0]) == pytest.approx(1 - UNANSWERABLE, abs=0.03)


def test_every_source_counts_alike_however_many_questions_it_has() -> None:
    ours = [row(2.0, right=True)] * 10 + [row(-2.0, right=False)] * 10
    few = [Row("idk", False, (), (2.0, 0.0), (False, False), "")] * 5
    assert dict(fit(ours + few).thresholds) == pytest.approx(dict(fit(ours + few * 20).thresholds), abs=0.02)
