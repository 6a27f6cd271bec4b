from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import HashingEmbedder, Matrix
from rag.errors import StoreMismatch
from rag.ledger import Ledger
from rag.manifest import Manifest


class TurnedEmbedder(HashingEmbedder):
    """Calls itself the same, and gives other vectors."""

    angle = 0.1

    def passages(self, texts: Sequence[str]) -> Matrix:
        vectors = super().passages(texts)
        return (np.cos(self.angle) * vectors + np.sin(self.angle) * np.roll(vectors, 1, axis=1)).astype(np.float32)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger.sqlite")
    made.switch("news", **Manifest(made, HashingEmbedder()).made_now())
    return made


def test_what_an_index_was_made_with_is_kept(ledger: Ledger) -> None:
    manifest = Manifest(ledger, HashingEmbedder())
    manifest.check("home")
    assert not manifest.drifted()
    assert manifest.made_with == {"embedder": "hashing", "weights": "crc32", "identity": manifest.identity}


def test_before_there_is_an_index_there_is_nothing_to_refuse(tmp_path: Path) -> None:
    empty = Manifest(Ledger(tmp_path / "empty.sqlite"), HashingEmbedder())
    empty.check("home")
    assert empty.made_with == {}


def test_another_embedder_is_named_with_what_mends_it(ledger: Ledger) -> None:
    with pytest.raises(StoreMismatch, match=r"in home was indexed with the embedder 'hashing'.*index --rebuild.*RAG_EMBEDDER"):
        Manifest(ledger, HashingEmbedder(dimension=64)).check("home")


def test_an_embedder_that_computes_differently_is_refused_though_its_name_and_weights_are_the_same(ledger: Ledger) -> None:
    with pytest.raises(StoreMismatch, match="no longer gives the vectors"):
        Manifest(ledger, TurnedEmbedder()).check("home")


def test_rounding_is_no_drift(ledger: Ledger) -> None:
    embedder = TurnedEmbedder()
    embedder.angle = 0.001
    Manifest(ledger, embedder).check("home")
