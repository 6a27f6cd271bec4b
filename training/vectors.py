"""An embedder that makes each vector once, and keeps it in a file."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from rag.embedding import Embedder, EmbedderIdentity, Matrix, Vector


class Kept:
    """Another embedder's vectors: a run that is gone on with embeds only what is new."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """The vectors lie in the folder in NumPy's `.npz`, one file for questions and one for passages."""
        folder.mkdir(exist_ok=True)
        self._inner, self._folder = embedder, folder
        self._known = cache(self._read)

    @property
    def identity(self) -> EmbedderIdentity:
        """The other's."""
        return self._inner.identity

    def queries(self, texts: Sequence[str]) -> Matrix:
        """As the other's."""
        return self._look("queries", self._inner.queries, texts)

    def passages(self, texts: Sequence[str]) -> Matrix:
        """As the other's."""
        return self._look("passages", self._inner.passages, texts)

    def _look(self, kind: str, embed: Callable[[Sequence[str]], Matrix], texts: Sequence[str]) -> Matrix:
        known = self._known(kind)
        if bare := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= zip(bare, embed(bare), strict=True)
            file = self._file(kind)
            with file.with_suffix(".new").open("wb") as new:
                np.savez(new, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
            file.with_suffix(".new").replace(file)
        return np.stack([known[text] for text in texts])

    def _read(self, kind: str) -> dict[str, Vector]:
        if not (file := self._file(kind)).exists():
            return {}
        with np.load(file) as kept:
            return dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def _file(self, kind: str) -> Path:
        return self._folder / f"{kind}-{self.identity.digest}.npz"
