from pathlib import Path

import numpy as np
import pytest

from rag.embedding import Embedder, HashingEmbedder, SentenceTransformerEmbedder
from rag.errors import ModelError
from rag.packaged import FOLDER


@pytest.fixture(params=["hashing", "packaged"])
def embedder(request: pytest.FixtureRequest, model_home: Path) -> Embedder:
    return HashingEmbedder() if request.param == "hashing" else SentenceTransformerEmbedder("packaged", home=model_home)


def test_every_embedder_gives_unit_vectors_of_its_dimension(embedder: Embedder) -> None:
    for vectors in (embedder.passages(["satu dua", "", "tiga"]), embedder.queries(["apa?", " ", "?"])):
        assert vectors.shape == (3, embedder.identity.dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_every_embedder_gives_no_rows_for_no_texts(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, embedder.identity.dimension)


def test_every_embedder_puts_what_is_alike_closer(embedder: Embedder) -> None:
    question = embedder.queries(["the price of rice"])[0]
    near, far = embedder.passages(["the price of rice rose", "a football match ended"]) @ question
    assert near > far


def test_the_hashing_embedder_is_the_share_of_common_words() -> None:
    a, b = HashingEmbedder().passages(["satu dua", "dua tiga"])
    assert float(a @ b) == pytest.approx(0.5)


def test_a_model_folder_by_its_path_is_another_embedder_only_in_name(model_home: Path) -> None:
    by_path = SentenceTransformerEmbedder(str(model_home / FOLDER), home=model_home).identity
    packaged = SentenceTransformerEmbedder("packaged", home=model_home).identity
    assert by_path.weights == packaged.weights
    assert by_path.name == FOLDER


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path), home=tmp_path).queries(["x"])
