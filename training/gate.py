"""`python -m training.gate`: which judgement of the reader lets a sentence through, on development pairs.

Prints, for thresholds of `rag.gate.SUPPORTED`, the shares of true sentences let through and of false ones stopped: by the judge
alone and behind the rules. Never on eval/gold/gate.jsonl, which is reported.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.gate import FAITHFUL, measure, read_pairs
from rag.embedding import SentenceTransformerEmbedder
from rag.gate import Gate, supported
from rag.reader import TrainedReader
from rag.records import Support
from training.train import HOME

PAIRS = Path(__file__).with_name("questions") / "gate-dev.jsonl"
LOST = 0.05
"""Of the true sentences that the rules let through, the share that the judge may stop."""


class Believer:
    """A judge who finds everything supported: beside it, what is stopped the rules stop."""

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:  # noqa: ARG002
        """Certain support."""
        return [Support(1.0, 0.0, 0.0) for _ in passages]


def fit(true: np.ndarray, ruled: np.ndarray, judged: np.ndarray) -> float:
    """The highest threshold, in hundredths, that stops at most `LOST` of the true sentences that the rules let through."""
    kept = np.sort(judged[true & ~ruled])
    return float(np.floor(100 * kept[int(LOST * len(kept))]) / 100)


def main() -> None:
    """Read every pair with rules and judge, fit, and show what other thresholds would do."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    embedder = SentenceTransformerEmbedder("packaged", home=HOME)
    reader, pairs = TrainedReader(HOME), read_pairs(PAIRS)
    rows = list(measure(Gate(Believer(), embedder).check, pairs))
    judged = np.array([supported(reader, row.statement.text, row.passage.evidence) for row in rows])
    true = np.array([row.statement.kind == FAITHFUL for row in rows])
    ruled = np.array([bool(row.problems) for row in rows])
    print(f"{reader.name}: SUPPORTED = {fit(true, ruled, judged)} (n {len(rows)})")
    print("threshold  judge: true through, false stopped   both: true through, false stopped")
    for least in (0.01, 0.02, 0.05, *np.arange(0.1, 1.0, 0.1)):
        low = judged < least
        shares = [f"{(~stopped[true]).mean():.3f} {stopped[~true].mean():.3f}" for stopped in (low, low | ruled)]
        print(f"{least:9.2f}  {shares[0]:>36}   {shares[1]:>35}")


if __name__ == "__main__":
    main()
