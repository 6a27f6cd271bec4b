"""The ledger: every document in every revision, its vectors, and how far each is indexed. Chroma is rebuilt from it.

A document's text is never changed or deleted in place: an update adds a revision, a removal takes the document out of
the library but leaves its revisions, so that an old answer still points at the words it used.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from rag.database import STATE, TABLES, Database
from rag.embedding import Matrix
from rag.errors import UnknownDocument
from rag.records import Document

_DOCUMENT = TypeAdapter(Document)
_revisions = Table(
    "revisions",
    TABLES,
    Column("document", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("body", Text, nullable=False),  # the whole Document as JSON, its translations with it
    Column("added", String, nullable=False),
)
_library = Table(
    "library",
    TABLES,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("document", String, unique=True, nullable=False),
    Column("sha256", String, nullable=False),
)
_steps = Table(  # a row before anything of the document is put into the collection, until nothing of it is left there
    "steps",
    TABLES,
    Column("collection", String, primary_key=True),
    Column("document", String, primary_key=True),
    Column("sha256", String, nullable=False),  # the revision whose passages the collection holds, whole; empty at first
    Column("loading", String, nullable=False),  # the revision that is being put in; empty when none is
)
_vectors = Table(  # what embedding cost most of the time to make: kept until the text or the embedder is another
    "vectors",
    TABLES,
    Column("document", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("embedder", String, nullable=False),  # what made them, splitter included
    Column("data", LargeBinary, nullable=False),  # float32, a passage a row
    Column("rows", Integer, nullable=False),
)
_feedback = Table(
    "feedback", TABLES, Column("number", Integer, primary_key=True, autoincrement=True), Column("body", Text, nullable=False)
)


class Ledger:
    """A database of documents."""

    def __init__(self, location: str | Path) -> None:
        """Open the ledger, making it where there is none.

        Args:
            location: a file, or `postgresql://user@host/database`.

        Raises:
            StoreError: it cannot be opened or made there.
        """
        self._database = Database(location)
        self.close = self._database.close
        self.get = self._database.get
        self.still_writer = self._database.still_writer

    def writer(self) -> AbstractContextManager[None]:
        """Hold the store as its only writer; raises `StoreBusy` at once where another process does."""
        return self._database.writer()

    def documents(self) -> list[Document]:
        """The library as it is now, in the order in which documents were first added."""
        return self._bodies(select(_revisions.c.body).join(_library, _same(_library)).order_by(_library.c.position))

    def count(self) -> int:
        """How many documents the library holds; none of them is read."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(_library)).scalar_one())

    def document(self, identifier: str) -> Document:
        """One document of the library.

        Raises:
            UnknownDocument: there is none of that id.
        """
        return self._one(
            identifier, select(_revisions.c.body).join(_library, _same(_library)).where(_library.c.document == identifier)
        )

    def hashes(self) -> Iterator[tuple[Document, str]]:
        """Every document of the library with the hash that its text must have, one at a time."""
        names = self._names(select(_library.c.document).order_by(_library.c.position))
        query = select(_revisions.c.body, _library.c.sha256).join(_library, _same(_library))
        for name in names:
            with self._database.reading() as connection:
                for body, sha256 in connection.execute(query.where(_library.c.document == name)):
                    yield _parse(body), sha256

    def revision(self, identifier: str, sha256: str) -> Document | None:
        """A document as it was when its text had that hash, whether or not it is still in the library."""
        found = self._bodies(select(_revisions.c.body).where(_revisions.c.document == identifier, _revisions.c.sha256 == sha256))
        return found[0] if found else None

    def put(self, document: Document) -> bool:
        """Make this the current revision of the document; true when it must be indexed anew: for its text, title or language."""
        key = {"document": document.id, "sha256": document.sha256}
        with self._database.changing() as connection:
            before = connection.execute(select(_revisions.c.body).filter_by(**key)).scalar()
            known = _parse(before) if before else None
            document = _remembering(document, known) if known else document
            body = json.dumps(_DOCUMENT.dump_python(document, mode="json"), ensure_ascii=False)
            if before is None:
                added = datetime.now(UTC).isoformat(timespec="seconds")
                connection.execute(insert(_revisions).values(**key, body=body, added=added))
            elif before != body:
                connection.execute(update(_revisions).filter_by(**key).values(body=body))
            renamed = known is not None and _embedded(known) != _embedded(document)
            if renamed:  # its vectors hold the old title
                connection.execute(delete(_vectors).filter_by(**key))
                connection.execute(update(_steps).filter_by(document=document.id).values(loading=document.sha256))
            current = connection.execute(select(_library.c.sha256).filter_by(document=document.id)).scalar()
            if current is None:
                connection.execute(insert(_library).values(**key))
            elif current != document.sha256:
                connection.execute(update(_library).filter_by(document=document.id).values(**key))
            return renamed or current != document.sha256

    def remove(self, identifier: str) -> None:
        """Take a document out of the library; its revisions stay for the answers that cite them.

        Raises:
            UnknownDocument: there is none of that id.
        """
        with self._database.changing() as connection:
            if not connection.execute(delete(_library).filter_by(document=identifier)).rowcount:
                raise _unknown(identifier)
            connection.execute(delete(_vectors).filter_by(document=identifier))
            self._count(connection, "generation", 1)

    def pending(self, collection: str) -> list[str]:
        """The documents whose passages `collection` does not hold as they are now, in the library's order."""
        step = and_(_steps.c.document == _library.c.document, _steps.c.collection == collection)
        waits = or_(_steps.c.document.is_(None), _steps.c.sha256 != _library.c.sha256, _steps.c.loading != "")
        return self._names(select(_library.c.document).outerjoin(_steps, step).where(waits).order_by(_library.c.position))

    def leaving(self, collection: str) -> list[str]:
        """The documents that are no longer in the library, but may still have passages in `collection`."""
        gone = _steps.c.document.not_in(select(_library.c.document))
        return self._names(select(_steps.c.document).where(_steps.c.collection == collection, gone).order_by(_steps.c.document))

    def begin(self, collection: str, documents: Iterable[Document]) -> set[str]:
        """Record that passages of these revisions are about to be put into `collection`; gives those some of which may be there."""
        known = set()
        with self._database.changing() as connection:
            for document in documents:
                key = {"collection": collection, "document": document.id}
                if connection.execute(update(_steps).filter_by(**key).values(loading=document.sha256)).rowcount:
                    known.add(document.id)
                else:
                    connection.execute(insert(_steps).values(**key, sha256="", loading=document.sha256))
        return known

    def finish(self, collection: str, documents: Iterable[Document], passages: int) -> None:
        """Record that `collection` now holds all passages of these revisions, so many, and no others of the documents."""
        with self._database.changing() as connection:
            for document in documents:
                step = update(_steps).filter_by(collection=collection, document=document.id)
                connection.execute(step.values(sha256=document.sha256, loading=""))
                others = (_vectors.c.document == document.id) & (_vectors.c.sha256 != document.sha256)
                connection.execute(delete(_vectors).where(others))
            self._count(connection, "tail", passages)

    @property
    def tail(self) -> int:
        """Passages put into the collection that is searched since it was built."""
        return int(self.get("tail") or 0)

    def forget(self, collection: str, identifier: str = "") -> None:
        """Record that `collection` holds nothing more of a document, or of any."""
        which = {"collection": collection} | ({"document": identifier} if identifier else {})
        with self._database.changing() as connection:
            connection.execute(delete(_steps).filter_by(**which))

    def doubt(self, collection: str, identifiers: Iterable[str]) -> None:
        """Have documents put into `collection` anew, vectors and all, or taken out of it where the library has them no more."""
        with self._database.changing() as connection:
            for identifier in identifiers:
                key = {"collection": collection, "document": identifier}
                if not connection.execute(update(_steps).filter_by(**key).values(loading="?")).rowcount:
                    connection.execute(insert(_steps).values(**key, sha256="", loading="?"))
                connection.execute(delete(_vectors).filter_by(document=identifier))

    def found(self, collection: str) -> list[Document]:
        """The documents as `collection` holds them, whole: each in its last revision that was put in to the end."""
        return self._bodies(_found(collection).order_by(_library.c.position))

    def keep_vectors(self, document: Document, embedder: str, vectors: Matrix) -> None:
        """Keep the vectors of a revision's passages, so that they need not be made again."""
        key = {"document": document.id, "sha256": document.sha256}
        data = np.ascontiguousarray(vectors, np.float32).tobytes()
        with self._database.changing() as connection:
            connection.execute(delete(_vectors).filter_by(**key))
            connection.execute(insert(_vectors).values(**key, embedder=embedder, data=data, rows=len(vectors)))

    def vectors(self, document: Document, embedder: str) -> Matrix | None:
        """The kept vectors of a revision's passages, a row each, or None where this embedder made none."""
        query = select(_vectors.c.data, _vectors.c.rows).filter_by(document=document.id, sha256=document.sha256, embedder=embedder)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return np.frombuffer(row.data, np.float32).reshape(row.rows, -1) if row else None

    def drop_vectors(self) -> None:
        """Forget every kept vector."""
        with self._database.changing() as connection:
            connection.execute(delete(_vectors))

    def keep_feedback(self, bodies: Iterable[str]) -> None:
        """Add verdicts, each a text of its own."""
        with self._database.changing() as connection:
            for body in bodies:
                connection.execute(insert(_feedback).values(body=body))

    def feedback(self) -> list[str]:
        """Every verdict, oldest first."""
        return self._names(select(_feedback.c.body).order_by(_feedback.c.number))

    def set(self, **values: str) -> None:
        """Keep named values of the store's state, all at once."""
        with self._database.changing() as connection:
            self._database.set(connection, **values)

    def switch(self, collection: str, **values: str) -> None:
        """Make `collection` the one that is searched, with what goes with it, all at once; the one before is `replaced`."""
        with self._database.changing() as connection:
            size = connection.execute(select(func.sum(_vectors.c.rows))).scalar() or 0
            before = connection.execute(select(STATE.c.value).filter_by(key="collection")).scalar() or ""
            self._database.set(connection, collection=collection, building="", replaced=before, size=str(size), tail="0", **values)
            connection.execute(delete(_steps).where(_steps.c.collection != collection))
            self._count(connection, "generation", 1)

    def abandon(self) -> None:
        """Forget what was begun of a collection that never came to be searched, and of the one that no longer is."""
        with self._database.changing() as connection:
            live = connection.execute(select(STATE.c.value).filter_by(key="collection")).scalar() or ""
            connection.execute(delete(_steps).where(_steps.c.collection != live))
            self._database.set(connection, building="", replaced="")

    @property
    def generation(self) -> int:
        """Raised when what can be found has changed, so that readers know when to look again."""
        return int(self.get("generation") or 0)

    def advance(self) -> None:
        """Tell readers to look again."""
        with self._database.changing() as connection:
            self._count(connection, "generation", 1)

    def _count(self, connection: Connection, key: str, more: int) -> None:
        current = connection.execute(select(STATE.c.value).filter_by(key=key)).scalar() or "0"
        self._database.set(connection, **{key: str(int(current) + more)})

    def _names(self, query: Any) -> list[str]:
        with self._database.reading() as connection:
            return [name for (name,) in connection.execute(query)]

    def _bodies(self, query: Any) -> list[Document]:
        return [_parse(body) for body in self._names(query)]

    def _one(self, identifier: str, query: Any) -> Document:
        found = self._bodies(query)
        if not found:
            raise _unknown(identifier)
        return found[0]


def _remembering(document: Document, before: Document) -> Document:
    """The document, with the dates that its revision had."""
    dates = dict.fromkeys([*before.former_dates, before.date, *document.former_dates])
    return replace(document, former_dates=tuple(date for date in dates if date not in ("", document.date)))


def _parse(body: str) -> Document:
    return _DOCUMENT.validate_json(body)


def _embedded(document: Document) -> tuple[str, str]:
    """What passages and vectors depend on beside the text."""
    return document.title, document.language


def _same(table: Table) -> Any:
    return and_(table.c.document == _revisions.c.document, table.c.sha256 == _revisions.c.sha256)


def _found(collection: str) -> Any:
    library = _library.c.document == _steps.c.document
    held = select(_revisions.c.body).join(_steps, _same(_steps)).join(_library, library)
    return held.where(_steps.c.collection == collection)


def _unknown(identifier: str) -> UnknownDocument:
    return UnknownDocument(f"no document {identifier!r}; `python -m rag documents` lists those there are")
