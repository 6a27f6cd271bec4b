from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.embedding import HashingEmbedder, Matrix
from training.vectors import remembered


def test_only_what_is_new_is_embedded(tmp_path: Path) -> None:
    embedder, asked = HashingEmbedder(), list[str]()

    def embed(texts: Sequence[str]) -> Matrix:
        asked.extend(texts)
        return embedder.passages(texts)

    first = remembered(embed, tmp_path / "kept.npz")(["beras naik", "dua gol"])
    again = remembered(embed, tmp_path / "kept.npz")(["dua gol", "hujan", "beras naik", "hujan"])
    assert asked == ["beras naik", "dua gol", "hujan"]
    assert np.array_equal(again, embedder.passages(["dua gol", "hujan", "beras naik", "hujan"]))
    assert np.array_equal(first, again[[2, 0]])
