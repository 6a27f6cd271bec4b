"""What is done to a document before it is stored: splitting and embedding, here or on other machines."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from rag import passages
from rag.embedding import Embedder, Matrix
from rag.records import Document, Passage

_Given, _Made = TypeVar("_Given"), TypeVar("_Made")


class Mapper(Protocol):
    """Applies a function to each item and gives the results as they are ready: the built-in `map`, or `rag.cluster`'s."""

    def __call__(self, function: Callable[[_Given], _Made], items: Iterable[_Given], /) -> Iterator[_Made]:
        """The results; items are taken as there is room for them."""


def embed(embedder: Embedder, document: Document) -> tuple[Document, Matrix]:
    """The document with a vector for each of its passages, in their order."""
    return document, embedder.passages([embedded_text(document, passage) for passage in passages.passages(document)])


def embedded_text(document: Document, passage: Passage) -> str:
    """What is embedded for a passage: the article's title, which tells what it is about, then the passage."""
    return f"{document.title}\n{passage.text}"
