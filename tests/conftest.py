"""What tests share: the real corpus, an assistant with the real model, and quick ones that need none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Assistant, Config, LanguageModel
from rag.config import PROJECT
from rag.corpus import read_corpus
from rag.packaged import FOLDER, packaged_model
from rag.records import Document

ARTICLE = "islam-times-2022-01-blinken-lavrov"
EVIDENCE = "pasukan AS tidak akan dikerahkan untuk mempertahankan negara dari invasi."


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "STORE", "LEDGER", "EMBEDDER", "READER", "LLM", "LLM_PATIENCE", "LLM_PRICE", "CORPUS", "RISK"):
        monkeypatch.delenv(f"RAG_{name}", raising=False)
    for name in ("OPENAI_API_KEY", "LLM_API_KEY", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def article() -> Document:
    return read_corpus(PROJECT / "corpus")[0]


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh home that holds nothing but the packaged model, which set-up makes once for the project."""
    home = tmp_path_factory.mktemp("home")
    (home / FOLDER).symlink_to(packaged_model(PROJECT / ".rag"))
    return home


@pytest.fixture(scope="session")
def assistant(model_home: Path) -> Iterator[Assistant]:
    """The product as a user has it: real model, real Chroma, the real article. Tests leave it as they found it."""
    with Assistant.open(Config(home=model_home)) as opened:
        yield opened


@pytest.fixture
def open_quick(tmp_path: Path) -> Iterator[Callable[..., Assistant]]:
    """Opens assistants with real Chroma and the hashing embedder, on a corpus folder that is empty unless told."""
    opened: list[Assistant] = []
    empty = tmp_path / "empty-corpus"
    empty.mkdir()
    (empty / "manifest.json").write_text("[]")

    def open_one(language_model: LanguageModel | None = None, **overrides: object) -> Assistant:
        settings = {"home": tmp_path / "home", "embedder": "hashing", "corpus": empty} | overrides
        opened.append(Assistant.open(Config(**settings), language_model=language_model))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
