"""The library of documents: ledger and index kept in step, by one writer at a time.

The ledger is written first and remembers what the index still lacks. Whoever writes next finishes what an earlier writer
left; a reader meanwhile finds every document that is whole, and no half of one.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from rag import passages
from rag.embedding import Embedder, Vector
from rag.errors import StoreBusy, StoreError, StoreMismatch, UnknownDocument
from rag.index import Index, Place
from rag.ledger import Ledger
from rag.records import Document, Hit, Passage

Progress = Callable[[str, int, int], None]
"""Told the document's id, how many are done and how many there are."""


def _quiet(_identifier: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class Library:
    """Documents that can be added, removed, listed, and searched by vector."""

    def __init__(self, home: Path, store: str, embedder: Embedder) -> None:
        """Open the library in a folder, making it where there is none.

        Raises:
            StoreError: the folder cannot be written, or what lies there cannot be read.
        """
        self._home = home
        self._embedder = embedder
        self._store_location = store
        self._lock = FileLock(home / "writer.lock", timeout=0)
        self._guard = RLock()  # threads of this process take turns where they share a handle that is reopened
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{home} cannot be made: {error.strerror}. Set RAG_HOME to a folder you may write.") from error
        if not os.access(home, os.W_OK) and not (home / "ledger.sqlite").exists():
            raise StoreError(f"{home} cannot be written. Set RAG_HOME to a folder you may write.")
        self._ledger = Ledger(home / "ledger.sqlite")
        self._seen = self._ledger.generation

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever indexed here."""
        return self._ledger.generation == 0

    @cached_property
    def _identity(self) -> str:
        """What a collection's vectors depend on; asking loads the embedder."""
        return f"{self._embedder.identity.digest}-{passages.VERSION}"

    @cached_property
    def _index(self) -> Index:
        return Index(self._store_location, self._ledger.get("collection") or self._collection(0))

    @property
    def manifest(self) -> dict[str, str]:
        """What the index was made with: the embedder, its weights, the splitter's version. Empty before there is one."""
        return dict(json.loads(self._ledger.get("manifest") or "{}"))

    def check(self) -> None:
        """Refuse to compare vectors of two embedders.

        Raises:
            StoreMismatch: the index was made by another embedder or splitter than the one configured.
        """
        made_with = self.manifest
        if made_with and made_with["identity"] != self._identity:
            raise StoreMismatch(
                f"the store in {self._home} was indexed with the embedder {made_with['embedder']!r} ({made_with['identity']}); "
                f"the one configured is {self._embedder.identity.name!r} ({self._identity}). Run `python -m rag index "
                "--rebuild` to index it anew, or set RAG_EMBEDDER back."
            )

    def close(self) -> None:
        """Let go of every file; safe to call twice."""
        if "_index" in self.__dict__:
            self._index.close()
        self._ledger.close()

    def documents(self) -> list[Document]:
        """Every document, in the order in which they were first added."""
        return self._ledger.documents()

    def document(self, identifier: str) -> Document:
        """One document; raises `UnknownDocument`."""
        return self._ledger.document(identifier)

    def find(self, identifier: str) -> Document | None:
        """One document, or None where there is none of that id."""
        try:
            return self._ledger.document(identifier)
        except UnknownDocument:
            return None

    def revision(self, identifier: str, sha256: str) -> Document | None:
        """A document as it was when its text had that hash, or None."""
        return self._ledger.revision(identifier, sha256)

    def add(self, documents: Iterable[Document], progress: Progress = _quiet) -> list[Document]:
        """Add documents or bring them up to date; what is unchanged is not embedded again.

        Returns:
            Those whose text was new.
        """
        with self._writing():
            return self._finish([d for d in documents if self._ledger.put(d)], progress)

    def remove(self, identifier: str) -> None:
        """Take a document out; raises `UnknownDocument`."""
        with self._writing(check=False):
            self._ledger.remove(identifier)
            self._index.remove(identifier)

    def reindex(self, identifier: str, progress: Progress = _quiet) -> None:
        """Index one document anew, from its text; raises `UnknownDocument`."""
        with self._writing():
            self._ledger.doubt(identifier)
            self._finish([], progress)

    def rebuild(self, progress: Progress = _quiet) -> list[Document]:
        """Index everything anew beside the old index, switch over at once, then drop the old one."""
        with self._writing(check=False):
            old = self._index
            number = int(old.collection.rsplit("-", 1)[-1]) + 1
            self._index = Index(self._store_location, self._collection(number))
            self._index.drop()  # what an interrupted rebuild left
            done = self._finish([], progress)
            old.drop()
            old.close()
            return done

    @property
    def generation(self) -> int:
        """Another number whenever what is indexed has changed, by whichever process."""
        return self._ledger.generation

    def places(self) -> list[Place]:
        """Where every indexed passage stands, in no order."""
        with self._guard:
            return self._current_index().places()

    def nearest(
        self, vector: Vector, k: int, documents: Sequence[str] | None = None, *, language: str | None = None
    ) -> list[Place]:
        """The k passages whose vectors are closest to a question's, best first; see `Index.search`."""
        with self._guard:
            return self._current_index().search(vector, k, documents, language=language)

    def similarities(self, vector: Vector, places: Sequence[Place]) -> list[Place]:
        """Those of the places that are still indexed, each with its closeness to a question's vector."""
        with self._guard:
            return self._current_index().similarities(vector, places)

    def hits(self, places: Sequence[Place]) -> list[Hit]:
        """The passages at the places, in their order, cut from the documents as they were when indexed."""
        texts = {identifier: self._ledger.revision(*identifier) for identifier in {(p.document, p.sha256) for p in places}}
        return [_hit(place, found) for place in places if (found := texts[place.document, place.sha256])]

    def holder(self) -> str:
        """Who last took the writer's lock."""
        try:
            return (self._home / "writer.txt").read_text("utf-8")
        except OSError:
            return "unknown"

    def _current_index(self) -> Index:
        """The index as it is now, opened again where another process has changed it; only for who holds the guard."""
        generation = self._ledger.generation
        if generation != self._seen:
            self._index.close()
            self._index.collection = self._ledger.get("collection") or self._index.collection
            self._seen = generation
        return self._index

    def _finish(self, new: list[Document], progress: Progress) -> list[Document]:
        """Index whatever the ledger holds and the collection does not, then name the collection as current."""
        pending = self._ledger.pending(self._index.collection)
        for done, document in enumerate(pending):
            progress(document.id, done, len(pending))
            self._index.remove(document.id)
            cut = passages.passages(document)
            self._index.add(cut, self._embedder.passages([embedded_text(document, p) for p in cut]), document)
            self._ledger.mark_indexed(document, self._index.collection)
        embedder = self._embedder.identity
        made_with = {"embedder": embedder.name, "weights": embedder.weights, "identity": self._identity}
        self._ledger.set("manifest", json.dumps(made_with))
        self._ledger.set("collection", self._index.collection)
        self._seen = self._ledger.generation
        progress("", len(pending), len(pending))
        return new or pending

    def _collection(self, number: int) -> str:
        return f"passages-{self._identity}-{number}"

    @contextmanager
    def _writing(self, *, check: bool = True) -> Iterator[None]:
        with self._guard:
            try:
                self._lock.acquire()
            except Timeout:
                raise StoreBusy(
                    f"another process is writing to the store in {self._home} ({self.holder()}); try again when it is done"
                ) from None
            except OSError as error:
                raise StoreError(f"{self._home} cannot be written: {error.strerror}") from error
            try:
                (self._home / "writer.txt").write_text(f"process {os.getpid()}", "utf-8")
                if check:
                    self.check()
                yield
            finally:
                self._lock.release()


def embedded_text(document: Document, passage: Passage) -> str:
    """What is embedded for a passage: the article's title, which tells what it is about, then the passage."""
    return f"{document.title}\n{passage.text}"


def _hit(place: Place, document: Document) -> Hit:
    text = document.text[place.start : place.end]
    return Hit(Passage(place.document, place.start, place.end, text, place.sentences), place.score)
