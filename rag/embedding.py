"""Texts -> vectors, by any sentence-transformers model; and a fake that can be predicted by hand."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.packaged import packaged_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vector = NDArray[np.float32]
"""Shape (dimension,), length 1."""
Matrix = NDArray[np.float32]
"""Shape (n, dimension), a unit vector a row."""


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What must be equal for two vectors to be comparable."""

    name: str
    weights: str
    dimension: int
    query_prompt: str
    passage_prompt: str

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that stand for all of it."""
        return sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens, each where it stands (code points) and as a unit vector that knows its context."""

    spans: tuple[tuple[int, int], ...]
    vectors: Matrix


class Embedder(Protocol):
    """Turns questions and passages into unit vectors whose dot product is their cosine."""

    @property
    def identity(self) -> EmbedderIdentity:
        """What the vectors depend on."""

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of questions, shape (len(texts), dimension)."""

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of passages, shape (len(texts), dimension)."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model with its own query and passage prompts."""

    def __init__(self, name: str, *, home: Path) -> None:
        """Nothing is loaded until it is needed; then it takes seconds, and a model that cannot be loaded is a `ModelError`.

        Args:
            name: `packaged`, a folder, or the name of a model on the hub: only then may anything be fetched.
            home: where the packaged model is made.
        """
        self._name = name
        self._home = home

    def __getstate__(self) -> dict[str, object]:
        """What goes to another machine: which model, not the model itself; it is loaded there."""
        return {"_name": self._name, "_home": self._home}

    @cached_property
    def _model(self) -> "SentenceTransformer":
        if self._local:
            go_offline()
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        source = os.fspath(self._path) if self._local else self._name
        try:
            return SentenceTransformer(source, device="cpu", local_files_only=self._local)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"embedding model {self._name!r} cannot be loaded: {error}") from error

    @cached_property
    def _path(self) -> Path:
        return packaged_model(self._home) if self._name == "packaged" else Path(self._name).expanduser()

    @cached_property
    def _local(self) -> bool:
        return self._path.is_dir()

    @cached_property
    def identity(self) -> EmbedderIdentity:
        """Name, weights, dimension and prompts of the model."""
        prompts = self._model.prompts
        return EmbedderIdentity(
            name=self._path.name if self._local and self._name != "packaged" else self._name,
            weights=_digest(self._path) if self._local else str(self._model.model_card_data.base_model_revision),
            dimension=int(self._model.get_embedding_dimension() or 0),
            query_prompt=prompts.get("query") or "",
            passage_prompt=prompts.get("document") or prompts.get("passage") or "",
        )

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of questions, behind the model's query prompt."""
        return self._encode(texts, self.identity.query_prompt)

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of passages, behind the model's passage prompt."""
        return self._encode(texts, self.identity.passage_prompt)

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The vectors that the model averages into a text's, before it averages them; no prompt stands in front."""
        if not texts:
            return []
        states = self._model.encode(list(texts), prompt="", output_value="token_embeddings", show_progress_bar=False, batch_size=16)
        return [self._tokens(text, state.float().numpy()) for text, state in zip(texts, states, strict=True)]

    def _tokens(self, text: str, states: Matrix) -> Tokens:
        inset = len(text) - len(text.lstrip())  # the model does not see white space in front
        offsets = self._model.tokenizer(text.strip(), return_offsets_mapping=True)["offset_mapping"][: len(states)]
        kept = [n for n, (start, end) in enumerate(offsets) if start < end]
        chosen = states[kept]
        unit: Matrix = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
        return Tokens(tuple((offsets[n][0] + inset, offsets[n][1] + inset) for n in kept), unit)

    def _encode(self, texts: Sequence[str], prompt: str) -> Matrix:
        if not texts:
            return np.zeros((0, self.identity.dimension), np.float32)
        vectors: Matrix = self._model.encode(
            list(texts),
            prompt=prompt,
            batch_size=16,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return vectors


class HashingEmbedder:
    """A test double that needs no model: each lower-cased word adds 1 to the dimension it hashes to.

    Two texts are as similar as the words they share. `RAG_EMBEDDER=hashing` chooses it.
    """

    def __init__(self, dimension: int = 256) -> None:
        self._identity = EmbedderIdentity("hashing", "crc32", dimension, "", "")

    @property
    def identity(self) -> EmbedderIdentity:
        """Depends on the dimension alone."""
        return self._identity

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of word counts; a text without a word is all in dimension 0."""
        vectors = np.zeros((len(texts), self._identity.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                vector[crc32(word.encode("utf-8", "replace")) % len(vector)] += 1
        unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    queries = passages

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Words, each with the vector of a text that holds nothing else."""
        words = [[match.span() for match in re.finditer(r"\w+", text)] for text in texts]
        return [Tokens(tuple(w), self.passages([t[a:b] for a, b in w])) for t, w in zip(texts, words, strict=True)]


def go_offline() -> None:
    """Tell Hugging Face's libraries that the hub is not to be asked; must precede their import."""
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def _digest(folder: Path) -> str:
    """Hash of the files that hold weights and vocabulary; a third of a second for the packaged model.

    Not of the configuration, which names the library versions that wrote it.
    """
    total = sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".safetensors", ".bin", ".model"} or file.name in {"tokenizer.json", "vocab.txt"}:
            with file.open("rb") as content:
                total.update(file_digest(content, "sha256").digest())
    return total.hexdigest()
