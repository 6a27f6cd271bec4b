"""Which judgement lets a sentence through."""

import numpy as np

from training.gate import LOST, fit


def test_the_judge_stops_at_most_the_allowed_share_of_the_true_sentences_that_the_rules_let_through() -> None:
    judged = np.linspace(0.1, 0.9, 81)
    true, ruled = np.ones(81, bool), np.zeros(81, bool)
    least = fit(true, ruled, judged)
    assert (judged < least).mean() <= LOST
    assert (judged < least + 0.02).mean() > LOST


def test_false_sentences_and_those_the_rules_stop_do_not_count() -> None:
    true, ruled = np.array([True, True, False]), np.array([False, True, False])
    assert fit(true, ruled, np.array([0.555, 0.1, 0.2])) == 0.55
