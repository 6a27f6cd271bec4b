"""Question -> hits."""

from collections.abc import Sequence

from rag.embedding import Vector
from rag.library import Library
from rag.records import Hit

CANDIDATES = 10
"""Passages that are read for one question."""


def retrieve(library: Library, vector: Vector, k: int = CANDIDATES, documents: Sequence[str] | None = None) -> list[Hit]:
    """The k passages closest to the question, best first."""
    return library.search(vector, k, documents)
