"""A statement's words beside those of its evidence, by the vectors that each has in its context, in any two languages."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import numpy as np

from rag.embedding import Matrix, Tokens

WINDOW = 5
"""Tokens in a row that are judged together: one alone may be a particle that the other language lacks."""
BESIDE = 4
"""Tokens before and after a word that say what it is about."""
Span = tuple[int, int]


class Aligner(Protocol):
    """What the packaged embedder does."""

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text; in any two languages, those that say the same are close."""


class Alignment:
    """The cosines of all tokens of a statement (rows) and of the passages it cites (columns)."""

    def __init__(self, statement: Tokens, passages: Sequence[Tokens]) -> None:
        self.statement, self.passages = statement, passages
        self.cosines: Matrix = statement.vectors @ np.concatenate([p.vectors for p in passages]).T
        self._starts = [0, *accumulate(len(p.spans) for p in passages)]

    @cached_property
    def carried(self) -> Matrix:
        """For each token of the statement, how close the closest of the evidence is."""
        found: Matrix = self.cosines.max(1)
        return found

    @cached_property
    def said(self) -> Matrix:
        """For each token of the evidence, how close the closest of the statement is."""
        found: Matrix = self.cosines.max(0)
        return found

    def weakest(self) -> tuple[float, Span]:
        """The mean closeness of the `WINDOW` tokens in a row that the evidence carries least, and where they stand."""
        spans = self.statement.spans
        size = min(WINDOW, len(spans))
        if not size:
            return 1.0, (0, 0)
        means = np.convolve(self.carried, np.ones(size) / size, "valid")
        first = int(means.argmin())
        return float(means[first]), (spans[first][0], spans[first + size - 1][1])

    def carry(self, span: Span) -> float:
        """How close the evidence comes to a word of the statement."""
        return float(np.mean([self.carried[n] for n, other in enumerate(self.statement.spans) if _overlap(other, span)] or [0.0]))

    def about(self, passage: int, span: Span) -> float:
        """How far the statement says what stands beside a word of the evidence: the higher of the mean behind it and around it."""
        spans = self.passages[passage].spans
        said = self.said[self._starts[passage] : self._starts[passage + 1]]
        after = [n for n, (start, _) in enumerate(spans) if start >= span[1]][:BESIDE]
        before = [n for n, (_, end) in enumerate(spans) if end <= span[0]][-BESIDE // 2 :]
        both = [float(said[side].mean()) for side in (after, [*before, *after]) if side]
        return max(both, default=0.0)

    def home(self, ignore: Iterable[Span] = ()) -> int:
        """The passage that carries the statement best, apart from some of its words."""
        skipped = list(ignore)
        kept = [n for n, span in enumerate(self.statement.spans) if not any(_overlap(span, s) for s in skipped)]
        parts = zip(self._starts, self._starts[1:], strict=False)
        rows = self.cosines[kept] if kept else self.cosines
        return int(np.argmax([rows[:, low:high].max(1).mean() if low < high else 0.0 for low, high in parts]))


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]
