"""What is done to a document until it can be found: split, embedded, here or on other machines, and put into the index."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from time import monotonic
from typing import Protocol, TypeVar

import numpy as np

from rag import passages
from rag.embedding import Embedder, Matrix
from rag.index import Index
from rag.ledger import Ledger
from rag.records import Document, Passage, Step

Progress = Callable[[Step], None]
SLICE = 64
"""Passages of a long document embedded between two steps of progress: about two seconds' worth."""
TOGETHER = 500
"""Passages put in at once; each call to Chroma and the ledger costs as much as a hundred passages."""
EVERY = 2.0
"""Seconds after which fewer are put in, and readers called to look again."""

Given = TypeVar("Given")
Made = TypeVar("Made")


class Mapper(Protocol):
    """Applies a function to each item and gives the results as they are ready: the built-in `map`, or one on other machines."""

    def __call__(self, function: Callable[[Given], Made], items: Iterable[Given], /) -> Iterator[Made]:
        """The results; items are taken as there is room for them."""


def quiet(_step: Step) -> None:
    """Tell nobody."""


def embedded_text(document: Document, passage: Passage) -> str:
    """What is embedded for a passage: the article's title, which tells what it is about, then the passage."""
    return f"{document.title}\n{passage.text}"


def embed(embedder: Embedder, document: Document, progress: Progress = quiet) -> tuple[Document, Matrix]:
    """The document with a vector for each of its passages, in their order."""
    texts = [embedded_text(document, passage) for passage in passages.passages(document)]
    if len(texts) <= SLICE:
        return document, embedder.passages(texts)
    slices = []
    for low in range(0, len(texts), SLICE):
        progress(Step("embedding", document.id, low, len(texts)))
        slices.append(embedder.passages(texts[low : low + SLICE]))
    progress(Step("embedding", document.id, len(texts), len(texts)))
    return document, np.concatenate(slices)


def drop(ledger: Ledger, index: Index, identifier: str) -> None:
    """Take every passage of a document out of an index."""
    index.remove(identifier)
    ledger.forget(index.collection, identifier)


class Loader:
    """Brings one collection to where the ledger is. Every step can be repeated, and is after a kill."""

    def __init__(self, ledger: Ledger, index: Index, embedder: Embedder, identity: str) -> None:
        """`identity` stands for all that the vectors depend on."""
        self._ledger = ledger
        self._index = index
        self._embedder = embedder
        self._identity = identity
        self._waiting: list[tuple[Document, Matrix]] = []
        self._done: list[str] = []
        self._put = self._told = monotonic()

    def catch_up(self, progress: Progress, mapper: Mapper | None = None, *, most: int | None = None) -> list[str]:
        """Index what the ledger holds and the collection does not, drop what only the collection holds.

        It stops where more than `most` passages have come in since the collection was built.

        Vectors are kept in the ledger as soon as they are made, and not made again; with a mapper they are made elsewhere.

        Returns:
            The ids of those that were indexed.
        """
        leaving, pending = self._ledger.leaving(self._index.collection), self._ledger.pending(self._index.collection)
        self._waiting, self._done = [], []
        try:
            for identifier in leaving:
                drop(self._ledger, self._index, identifier)
            for one in self._made(pending, progress, mapper):
                self._waiting.append(one)
                if sum(len(vectors) for _, vectors in self._waiting) >= TOGETHER or monotonic() - self._put > EVERY:
                    self._load()
                    if most is not None and self._ledger.tail > most:
                        return self._done
            self._load()
        finally:
            if leaving or self._done:
                self._tell()
        progress(Step("storing", "", len(pending), len(pending)))
        return self._done

    def _made(self, pending: Sequence[str], progress: Progress, mapper: Mapper | None) -> Iterator[tuple[Document, Matrix]]:
        """The documents with their vectors: first those that are kept, then those that are made now, and kept."""
        ledger = self._ledger
        bare: list[str] = []
        for identifier in pending:
            document = ledger.document(identifier)
            vectors = ledger.vectors(document, self._identity)
            if vectors is None:
                bare.append(identifier)
            else:
                progress(Step("storing", identifier, len(self._done), len(pending)))
                yield document, vectors

        def work() -> Iterator[Document]:
            for identifier in bare:
                progress(Step("storing", identifier, len(self._done), len(pending)))
                yield ledger.document(identifier)

        here = (embed(self._embedder, document, progress) for document in work())
        for document, vectors in mapper(partial(embed, self._embedder), work()) if mapper else here:
            ledger.keep_vectors(document, self._identity, vectors)
            yield document, vectors

    def _load(self) -> None:
        """Put in what waits, then take other revisions out: whatever a killed writer left of either."""
        loads = [(document, passages.passages(document), vectors) for document, vectors in self._waiting]
        documents = [document for document, *_ in loads]
        if documents:
            self._ledger.still_writer()
            known = self._ledger.begin(self._index.collection, documents)
            for document in documents:
                if document.id in known:
                    self._index.remove(document.id, only=document.sha256)
            self._index.add(loads)
            for document in documents:
                if document.id in known:
                    self._index.remove(document.id, but=document.sha256)
            self._ledger.finish(self._index.collection, documents, sum(len(cut) for _, cut, _ in loads))
        self._done += [document.id for document in documents]
        self._waiting.clear()
        self._put = monotonic()
        self._tell(every=EVERY)

    def _tell(self, *, every: float = 0.0) -> None:
        """Have readers look again, where it is theirs that has changed and they were not told just now."""
        if self._index.collection == self._ledger.get("collection") and monotonic() - self._told > every:
            self._told = monotonic()
            self._ledger.advance()
