"""Scores -> the probability that the documents answer, and the one rule that decides to decline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reader's scores as a probability: the logistic of `best * top + margin * (top - mean) + bias`.

    `thresholds` are (risk, probability) pairs in rising order of risk: answering only from that probability on, that
    share of what was answered had no support in development data.
    """

    best: float
    margin: float
    bias: float
    thresholds: tuple[tuple[float, float], ...]

    def probability(self, scores: Sequence[float]) -> float:
        """How likely it is that one of the sentences with these scores answers; 0 where there are none."""
        if not scores:
            return 0.0
        top, mean = max(scores), float(np.mean(scores))
        return float(1 / (1 + np.exp(-(self.best * top + self.margin * (top - mean) + self.bias))))

    def threshold(self, risk: float) -> float:
        """The least probability at which to answer, between the measured risks by straight lines."""
        risks, probabilities = zip(*self.thresholds, strict=True)
        return float(np.interp(risk, risks, probabilities))

    def declines(self, probability: float, risk: float) -> bool:
        """Whether to say that the documents do not say, rather than answer.

        Args:
            probability: that the documents answer.
            risk: of what is answered, the share that may be unsupported.
        """
        return probability < self.threshold(risk)
