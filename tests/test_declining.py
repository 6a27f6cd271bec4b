from math import exp

import pytest

from rag.declining import Calibration

CALIBRATION = Calibration(best=2.0, margin=3.0, bias=-1.0, thresholds=((0.1, 0.8), (0.3, 0.4)))


def test_the_probability_is_the_logistic_of_the_best_score_and_its_lead_over_the_mean() -> None:
    assert CALIBRATION.probability([0.5, 0.1]) == pytest.approx(1 / (1 + exp(-(2 * 0.5 + 3 * (0.5 - 0.3) - 1))))


def test_where_nothing_was_read_nothing_answers() -> None:
    assert CALIBRATION.probability([]) == 0


def test_the_threshold_lies_on_the_line_between_measured_risks_and_never_beyond_them() -> None:
    assert [CALIBRATION.threshold(risk) for risk in (0.01, 0.1, 0.2, 0.3, 0.9)] == pytest.approx([0.8, 0.8, 0.6, 0.4, 0.4])


def test_the_rule_declines_below_the_threshold_of_the_risk_and_a_higher_risk_answers_more() -> None:
    assert CALIBRATION.declines(0.59, risk=0.2)
    assert not CALIBRATION.declines(0.61, risk=0.2)
    assert not CALIBRATION.declines(0.59, risk=0.3)
