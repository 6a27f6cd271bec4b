"""From how development questions were read to a probability and the thresholds of stated risks."""

import random

import pytest

from training.calibrate import Row, fit


def row(score: float, *, right: bool) -> Row:
    return Row("ours", right, (), (score, score - 2), (right, False), "")


def test_a_better_score_is_likelier_right_and_less_risk_asks_for_more() -> None:
    rng = random.Random(0)
    scores = [rng.gauss(0, 2) for _ in range(400)]
    calibration = fit([row(score, right=rng.random() < 1 / (1 + 2.718**-score)) for score in scores])
    low, high = (calibration.probability([score, score - 2]) for score in (-2.0, 2.0))
    assert low == pytest.approx(0.12, abs=0.06)
    assert high == pytest.approx(0.88, abs=0.06)
    asked = [threshold for _, threshold in calibration.thresholds]
    assert asked == sorted(asked, reverse=True)


def test_every_source_counts_alike_however_many_questions_it_has() -> None:
    many = [row(1.0, right=True)] * 90
    few = [Row("idk", False, (), (1.0, -1.0), (False, False), "")] * 10
    assert fit(many + few).probability([1.0, -1.0]) == pytest.approx(0.5, abs=0.05)
