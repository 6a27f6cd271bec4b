from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import HashingEmbedder, Matrix
from training.vectors import Kept


class Counting(HashingEmbedder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def passages(self, texts: Sequence[str]) -> Matrix:
        self.asked.extend(texts)
        return super().passages(texts)


@pytest.mark.parametrize("later", [True, False], ids=["in a later run", "in the same"])
def test_only_what_is_new_is_embedded(tmp_path: Path, *, later: bool) -> None:
    embedder = Counting()
    first = Kept(embedder, tmp_path / "run")
    first.passages(["beras naik", "dua gol"])
    then = Kept(embedder, tmp_path / "run") if later else first
    texts = ["dua gol", "hujan", "beras naik", "hujan"]
    assert np.array_equal(then.passages(texts), HashingEmbedder().passages(texts))
    assert np.array_equal(then.queries(texts), HashingEmbedder().queries(texts))
    assert embedder.asked == ["beras naik", "dua gol", "hujan"]


def test_another_embedder_s_vectors_are_not_taken(tmp_path: Path) -> None:
    Kept(HashingEmbedder(), tmp_path).passages(["beras naik"])
    other = HashingEmbedder(dimension=64)
    assert Kept(other, tmp_path).passages(["beras naik"]).shape == (1, 64)
