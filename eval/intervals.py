"""How far a figure can be trusted: 95 % intervals, paired differences, and the smallest difference a set could show."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

DRAWS = 1000
_Z = float(norm.ppf(0.975))
_POWER = float(norm.ppf(0.8))
Floats = NDArray[np.float64]
Interval = tuple[float, float]


def wilson(share: float, n: float) -> Interval:
    """Wilson's interval of a share among n, which may be an effective number and so not whole."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * float(np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)))
    return max(0.0, middle - half), min(1.0, middle + half)


def effective_n(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """How many independent cases would say as much about the mean as these, which come in clusters (Kish).

    p(1 - p) over the variance of the mean between clusters, at most n; the number of clusters where all are alike.
    """
    x = np.asarray(values, float)
    sums, sizes = _by_cluster(x - x.mean(), clusters)
    n, count = len(x), len(sizes)
    variance = float((sums**2).sum()) / n**2 * count / max(1, count - 1)
    return min(float(n), x.mean() * (1 - x.mean()) / variance) if variance > 1e-12 else float(count)


def share_interval(values: Sequence[float], clusters: Sequence[Hashable]) -> Interval:
    """The interval of a share, of values that are 0 or 1: Wilson's, on the effective number."""
    return wilson(float(np.mean(values)), effective_n(values, clusters))


def mean_interval(values: Sequence[float], clusters: Sequence[Hashable], seed: int = 0) -> Interval | None:
    """The interval of a mean by drawing whole clusters with replacement; None with fewer than two."""
    sums, sizes = _by_cluster(np.asarray(values, float), clusters)
    if len(sizes) < 2:
        return None
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(DRAWS, len(sizes)))
    return _middle(sums[drawn].sum(1) / sizes[drawn].sum(1))


def statistic_interval(
    statistic: Callable[[Sequence[int]], float], clusters: Sequence[Hashable], seed: int = 0, draws: int = 300
) -> Interval | None:
    """The same for any statistic of the chosen cases' numbers."""
    names = list(dict.fromkeys(clusters))
    if len(names) < 2:
        return None
    places = [np.flatnonzero([c == name for c in clusters]) for name in names]
    chance = np.random.default_rng(seed)
    chosen = (chance.integers(len(names), size=len(names)) for _ in range(draws))
    return _middle(np.array([statistic(np.concatenate([places[i] for i in drawn]).tolist()) for drawn in chosen]))


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A over the same cases, with its interval and the smallest difference that would show 4 times in 5."""

    value: float
    low: float
    high: float
    n: int
    smallest: float

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        return "higher" if self.low > 0 else "lower" if self.high < 0 else "no difference shown"


def paired(a: Sequence[float], b: Sequence[float], clusters: Sequence[Hashable], seed: int = 0) -> Difference | None:
    """B's scores against A's, case by case; None with fewer than two clusters.

    The smallest difference is (1.96 + 0.84) standard errors: found in 80 % of sets like this, at 5 % false alarms. Where
    nothing differs, the error is that of a single cluster that does.
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    interval = mean_interval(list(y - x), clusters, seed)
    if interval is None:
        return None
    sums, sizes = _by_cluster(y - x - (y - x).mean(), clusters)
    error = float(np.sqrt((sums**2).sum() * len(sizes) / (len(sizes) - 1))) / len(x) or 1 / len(sizes)
    return Difference(float((y - x).mean()), *interval, n=len(x), smallest=(_Z + _POWER) * error)


def _by_cluster(x: Floats, clusters: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """The sum and the number of each cluster's values."""
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(c, len(numbers)) for c in clusters]
    return np.bincount(codes, x).astype(np.float64), np.bincount(codes).astype(np.float64)


def _middle(draws: Floats) -> Interval:
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)
