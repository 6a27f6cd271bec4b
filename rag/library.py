"""The library of documents: ledger and index kept in step, by one writer at a time.

The ledger is written first and remembers what the index still lacks, or still has too much. Whoever writes next finishes
what an earlier writer left; a reader meanwhile finds every document as it was last whole, and no half of one.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TypeVar
from uuid import uuid4

from rag.damage import Damage, find
from rag.embedding import Embedder, Vector
from rag.errors import StoreBusy, StoreError, UnknownDocument
from rag.index import Index, Place
from rag.indexing import Loader, Mapper, Progress, drop, quiet
from rag.ledger import Ledger
from rag.manifest import Manifest
from rag.records import Document, Hit, Passage

TAIL = 5000
"""Changes that are applied again on every opening before the index is made anew with them in: 3 seconds' worth."""
_Found = TypeVar("_Found")


class Library:
    """Documents that can be added, removed, listed, and searched by vector."""

    def __init__(self, home: Path, store: str, embedder: Embedder, *, ledger: str = "") -> None:
        """Open the library, making it where there is none.

        Args:
            home: a folder.
            store: Chroma's folder, or `http://host:port`.
            embedder: makes the vectors.
            ledger: `postgresql://...`; empty is a file in `home`.

        Raises:
            StoreError: the folder cannot be written, or what lies there cannot be read.
        """
        self.home = home
        self._embedder = embedder
        self._store_location = store
        self._guard = RLock()  # threads of this process take turns where a handle is opened again
        self._turn = RLock()  # and to write
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{home} cannot be made: {error.strerror}. Set RAG_HOME to a folder you may write.") from error
        if not ledger and not os.access(home, os.W_OK) and not (home / "ledger.sqlite").exists():
            raise StoreError(f"{home} cannot be written. Set RAG_HOME to a folder you may write.")
        self.ledger = Ledger(ledger or home / "ledger.sqlite")
        self._manifest = Manifest(self.ledger, embedder)
        self._seen = self.ledger.generation
        self._open: Index | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever indexed here."""
        return self.ledger.generation == 0

    @property
    def manifest(self) -> dict[str, str]:
        """What the index was made with; see `Manifest.made_with`."""
        return self._manifest.made_with

    @property
    def collection(self) -> str:
        """The collection that is searched; empty before there is one."""
        return self.ledger.get("collection")

    def check(self) -> None:
        """Refuse to compare vectors of two embedders, or of one that changed; raises `StoreMismatch`."""
        self._manifest.check(str(self.home))

    def recover(self, progress: Progress = quiet) -> None:
        """Finish what a writer left that was killed; nothing where another is at work, or nothing can be written."""
        live = self.collection
        underway = any(self.ledger.get(state) for state in ("building", "replaced"))
        left = live and (underway or self.ledger.pending(live) or self.ledger.leaving(live))
        if left and os.access(self.home, os.W_OK):
            try:
                self.add([], progress)
            except StoreBusy:
                return

    def close(self) -> None:
        """Let go of every file; safe to call twice."""
        with self._guard:
            if self._open:
                self._open.close()
        self.ledger.close()

    def documents(self) -> list[Document]:
        """Every document, in the order in which they were first added."""
        return self.ledger.documents()

    def count(self) -> int:
        """How many documents there are."""
        return self.ledger.count()

    def document(self, identifier: str) -> Document:
        """One document; raises `UnknownDocument`."""
        return self.ledger.document(identifier)

    def find(self, identifier: str) -> Document | None:
        """One document, or None where there is none of that id."""
        try:
            return self.ledger.document(identifier)
        except UnknownDocument:
            return None

    def revision(self, identifier: str, sha256: str) -> Document | None:
        """A document as it was when its text had that hash, or None."""
        return self.ledger.revision(identifier, sha256)

    def searched(self) -> list[Document]:
        """The documents as they can be found: each in the last revision that was indexed to the end."""
        return self.ledger.found(self.collection)

    def add(self, documents: Iterable[Document], progress: Progress = quiet, *, mapper: Mapper | None = None) -> list[str]:
        """Add documents or bring them up to date; what is unchanged is not embedded again.

        All are in the ledger before the first is embedded, so that a process that is killed loses none. Where they are many, the
        index is built anew beside the one that is searched.

        Returns:
            The ids of those that were indexed, with what an earlier writer had left.
        """
        with self._writing() as index:
            for document in documents:
                self.ledger.put(document)
            if not index.collection:
                index.collection = self._name()
                index.create()
                self._switch(index)
            pending = set(self.ledger.pending(index.collection))
            most = TAIL + int(self.ledger.get("size") or 0) // 10
            done = self._loader(index).catch_up(progress, mapper, most=most)
            if self.ledger.tail > most:
                done = [identifier for identifier in self._rebuilt(index, progress, mapper) if identifier in pending]
            return done

    def remove(self, identifier: str) -> None:
        """Take a document out; raises `UnknownDocument`."""
        with self._writing(check=False) as index:
            self.ledger.remove(identifier)
            if index.collection:
                drop(self.ledger, index, identifier)

    def reindex(self, identifier: str, progress: Progress = quiet) -> None:
        """Index one document anew, from its text; raises `UnknownDocument`."""
        with self._writing() as index:
            self.ledger.document(identifier)
            self.ledger.doubt(index.collection, {identifier})
            self._loader(index).catch_up(progress)

    def rebuild(self, progress: Progress = quiet, *, mapper: Mapper | None = None) -> list[str]:
        """Index everything anew beside the old index, switch over at once, then drop the old one.

        Vectors that this embedder made are taken from the ledger.

        Returns:
            The id of every document.
        """
        with self._writing(check=False) as old:
            if self._manifest.drifted():
                self.ledger.drop_vectors()
            return self._rebuilt(old, progress, mapper)

    def _rebuilt(self, old: Index, progress: Progress, mapper: Mapper | None) -> list[str]:
        new = self._index(self._name())
        self.ledger.set(building=new.collection)
        old.close()  # and with it the graph, while another is built
        try:
            new.create(building=True)
            done = self._loader(new).catch_up(progress, mapper)
            new.settle()
            with self._guard:  # both let go, or Chroma, which both share, would go on writing the graph as while it was built
                if self._open:
                    self._open.close()
                new.close()
            self._switch(new)
        finally:
            new.close()
        if old.collection:
            old.drop()
            self.ledger.set(replaced="")
        return done

    def damage(self) -> list[Damage]:
        """What is wrong with the store, found by reading all of it; the embedder is not asked."""
        index = self._index(self.collection)
        try:
            return list(find(self.ledger, index))
        finally:
            index.close()

    def repair(self, progress: Progress = quiet) -> list[Damage]:
        """Mend what is damaged; returns what cannot be."""
        found = self.damage()
        if any(damage.kind == "index" for damage in found):
            self._salvage()
            self.rebuild(progress)
        elif found:
            self.ledger.doubt(self.collection, {damage.document for damage in found if damage.kind == "document"})
            self.add([], progress)
        return self.damage()

    def _salvage(self) -> None:
        """Put a vector store out of the way that does not even list its collections."""
        index = self._index(self.collection)
        try:
            index.names("")
        except StoreError:
            self.close()
            index.discard()
        finally:
            index.close()

    @property
    def generation(self) -> int:
        """Another number whenever what can be found has changed, by whichever process."""
        return self.ledger.generation

    def places(self) -> list[Place]:
        """Where every indexed passage stands, in no order."""
        return self._ask(Index.places) or []

    def nearest(
        self, vector: Vector, k: int, documents: Sequence[str] | None = None, *, language: str | None = None
    ) -> list[Place]:
        """The k passages whose vectors are closest to a question's, best first; see `Index.search`."""
        return self._ask(lambda index: index.search(vector, k, documents, language=language)) or []

    def similarities(self, vector: Vector, places: Sequence[Place]) -> list[Place]:
        """Those of the places that are still indexed, each with its closeness to a question's vector."""
        return self._ask(lambda index: index.similarities(vector, places)) or []

    def hits(self, places: Sequence[Place]) -> list[Hit]:
        """The passages at the places, in their order, cut from the documents as they were when indexed."""
        texts = {identifier: self.ledger.revision(*identifier) for identifier in {(p.document, p.sha256) for p in places}}
        return [_hit(place, found) for place in places if (found := texts[place.document, place.sha256])]

    def _index(self, collection: str) -> Index:
        return Index(self._store_location, collection)

    def _name(self) -> str:
        """A name for a new collection: of this library, and after that of the one that is searched."""
        own = self.ledger.get("library")
        if not own:
            own = uuid4().hex[:8]
            self.ledger.set(library=own)
        number = int(self.collection.rpartition("-")[2] or -1) + 1
        return f"kutip-{own}-{number}"

    def _switch(self, index: Index) -> None:
        """Have this collection searched from now on."""
        self.ledger.switch(index.collection, **self._manifest.made_now())

    def _ask(self, question: Callable[[Index], _Found]) -> _Found | None:
        """Ask the index that is searched; None where there is none yet.

        Again where it was replaced meanwhile, and once more, opened anew, where another process changed it under this one's graph.
        """
        again = True
        with self._guard:
            while index := self._current():
                try:
                    return question(index)
                except StoreError:
                    if index.collection == self.collection:
                        if not again:
                            raise
                        again = False
                        index.close()
            return None

    def _current(self) -> Index | None:
        """The index as it is now, opened again where another process has changed it; only for who holds the guard."""
        generation = self.ledger.generation
        if generation != self._seen or not self._open:
            if self._open:
                self._open.close()
            live = self.collection
            self._open = self._index(live) if live else None
            self._seen = generation
        return self._open

    def _loader(self, index: Index) -> Loader:
        return Loader(self.ledger, index, self._embedder, self._manifest.identity)

    @contextmanager
    def _writing(self, *, check: bool = True) -> Iterator[Index]:
        """The collection that is searched (its name is empty where there is none), for the only writer."""
        with self._turn, self.ledger.writer():
            if check:
                self.check()
            index = self._index(self.collection)
            try:
                self._sweep(index)
                yield index
            finally:
                index.close()

    def _sweep(self, index: Index) -> None:
        """Drop what an interrupted rebuild left."""
        own = self.ledger.get("library")
        for name in index.names(f"kutip-{own}-") if own else ():
            if name != index.collection:
                left = self._index(name)
                left.drop()
                left.close()
        self.ledger.abandon()


def _hit(place: Place, document: Document) -> Hit:
    text = document.text[place.start : place.end]
    return Hit(Passage(place.document, place.start, place.end, text, place.sentences), place.score, document)
