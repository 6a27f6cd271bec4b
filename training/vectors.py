"""Texts -> vectors that are kept in a file, so that a run that is gone on with embeds only what is new."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from rag.embedding import Matrix


def remembered(embed: Callable[[Sequence[str]], Matrix], file: Path) -> Callable[[Sequence[str]], Matrix]:
    """The same function, which looks in the file first (NumPy's `.npz`, made where there is none) and adds to it."""

    def look(texts: Sequence[str]) -> Matrix:
        known: dict[str, Matrix] = {}
        if file.exists():
            with np.load(file) as kept:
                known = dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))
        names = [sha256(text.encode()).hexdigest()[:16] for text in texts]
        if bare := {name: text for name, text in zip(names, texts, strict=True) if name not in known}:
            known |= zip(bare, embed(list(bare.values())), strict=True)
            np.savez(file, names=np.array(list(known)), vectors=np.stack(list(known.values())))
        return np.stack([known[name] for name in names])

    return look
