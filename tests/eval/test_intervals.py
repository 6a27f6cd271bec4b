"""Intervals against scipy, against arithmetic, and against the truth in simulation."""

import random

import numpy as np
import pytest
from scipy.stats import binomtest

from eval.intervals import effective_n, mean_interval, paired, share_interval, statistic_interval, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (50, 60), (60, 60)])
def test_wilson_agrees_with_scipy(k: int, n: int) -> None:
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_cases_of_their_own_count_in_full_and_copies_count_once() -> None:
    values = [1.0] * 30 + [0.0] * 30
    assert effective_n(values, range(60)) == pytest.approx(59)
    copies = [v for v in (1.0, 0.0, 1.0, 0.0) for _ in range(15)]
    assert effective_n(copies, [c for c in range(4) for _ in range(15)]) == pytest.approx(3)


def test_where_all_are_alike_only_clusters_count_so_that_19_translations_are_not_19_proofs() -> None:
    assert share_interval([1.0] * 38, [0] * 19 + [1] * 19) == wilson(1.0, 2)


def test_one_cluster_has_no_interval_to_give() -> None:
    assert mean_interval([0.2, 0.9], ["a", "a"]) is None
    assert statistic_interval(lambda chosen: 0.0, ["a", "a"]) is None
    assert paired([0, 1], [1, 1], ["a", "a"]) is None


def test_clustered_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    chance, held = np.random.default_rng(1), 0
    for _ in range(200):
        clusters = np.repeat(np.arange(40), 5)
        values = (chance.random(200) < np.repeat(chance.beta(2, 2, 40), 5)).astype(float)
        low, high = share_interval(list(values), list(clusters))
        held += low <= 0.5 <= high
    assert 0.90 <= held / 200 <= 0.99


def test_the_bootstrap_draws_clusters_not_cases() -> None:
    values, clusters = [0.0, 0.0, 1.0, 1.0], ["a", "a", "b", "b"]
    assert mean_interval(values, clusters) == (0.0, 1.0)
    assert statistic_interval(lambda chosen: float(np.mean([values[i] for i in chosen])), clusters) == (0.0, 1.0)


def test_a_difference_that_may_be_nothing_is_not_called_one() -> None:
    chance = random.Random(3)
    a = [float(chance.random() < 0.6) for _ in range(100)]
    same = paired(a, [1 - x if i < 4 else x for i, x in enumerate(a)], range(100))
    assert same is not None
    assert same.verdict == "no difference shown"
    assert same.smallest > abs(same.value)
    better = paired(a, [1.0] * 100, range(100))
    assert better is not None
    assert better.verdict == "higher"


def test_the_smallest_difference_is_2_8_standard_errors() -> None:
    a, b = [0.0] * 100, [1.0] * 10 + [0.0] * 90
    found = paired(a, b, range(100))
    error = np.sqrt(sum((y - 0.1) ** 2 for y in b) * 100 / 99) / 100
    assert found is not None
    assert found.smallest == pytest.approx((1.95996 + 0.84162) * error, rel=1e-4)
