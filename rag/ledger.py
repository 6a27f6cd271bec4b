"""The ledger: every document in every revision, and how far each is indexed. Chroma can be rebuilt from it.

A document's text is never changed or deleted in place: an update adds a revision, a removal takes the document out of
the library but leaves its revisions, so that an old answer still points at the words it used.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from rag.errors import StoreError, UnknownDocument
from rag.records import Document

_DOCUMENT = TypeAdapter(Document)
_tables = MetaData()
_revisions = Table(
    "revisions",
    _tables,
    Column("document", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("body", Text, nullable=False),  # the whole Document as JSON
    Column("added", String, nullable=False),
)
_library = Table(
    "library",
    _tables,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("document", String, unique=True, nullable=False),
    Column("sha256", String, nullable=False),
    Column("indexed", String, nullable=False, default=""),  # the collection that holds this revision's passages, whole
)
_state = Table("state", _tables, Column("key", String, primary_key=True), Column("value", String, nullable=False))


class Ledger:
    """A database of documents: SQLite in a file."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, making it where there is none.

        Raises:
            StoreError: it cannot be opened or made there.
        """
        self._path = path
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=FULL"))
        if not path.exists():
            with self._write() as connection:
                _tables.create_all(connection)

    def close(self) -> None:
        """Release the database file."""
        self._engine.dispose()

    def documents(self) -> list[Document]:
        """The library as it is now, in the order in which documents were first added."""
        query = select(_revisions.c.body).join(
            _library, (_library.c.document == _revisions.c.document) & (_library.c.sha256 == _revisions.c.sha256)
        )
        with self._read() as connection:
            return [_parse(body) for (body,) in connection.execute(query.order_by(_library.c.position))]

    def document(self, identifier: str) -> Document:
        """One document of the library.

        Raises:
            UnknownDocument: there is none of that id.
        """
        query = select(_library.c.sha256).where(_library.c.document == identifier)
        with self._read() as connection:
            current = connection.execute(query).scalar()
        found = self.revision(identifier, current) if current else None
        if found is None:
            raise UnknownDocument(f"no document {identifier!r}; `python -m rag documents` lists those there are")
        return found

    def revision(self, identifier: str, sha256: str) -> Document | None:
        """A document as it was when its text had that hash, whether or not it is still in the library."""
        query = select(_revisions.c.body).where(_revisions.c.document == identifier, _revisions.c.sha256 == sha256)
        with self._read() as connection:
            body = connection.execute(query).scalar()
        return _parse(body) if body else None

    def put(self, document: Document) -> bool:
        """Make this the current revision of the document; true when its text is new and so must be indexed."""
        body = json.dumps(_DOCUMENT.dump_python(document, mode="json"), ensure_ascii=False)
        key = {"document": document.id, "sha256": document.sha256}
        with self._write() as connection:
            if not connection.execute(update(_revisions).filter_by(**key).values(body=body)).rowcount:
                added = datetime.now(UTC).isoformat(timespec="seconds")
                connection.execute(insert(_revisions).values(**key, body=body, added=added))
            current = connection.execute(select(_library.c.sha256).filter_by(document=document.id)).scalar()
            if current == document.sha256:
                return False
            if current is None:
                connection.execute(insert(_library).values(**key, indexed=""))
            else:
                connection.execute(update(_library).filter_by(document=document.id).values(**key, indexed=""))
            return True

    def pending(self, collection: str) -> list[Document]:
        """The documents whose passages `collection` does not yet hold in full."""
        with self._read() as connection:
            rows = connection.execute(select(_library.c.document).where(_library.c.indexed != collection))
            waiting = {identifier for (identifier,) in rows}
        return [d for d in self.documents() if d.id in waiting] if waiting else []

    def mark_indexed(self, document: Document, collection: str) -> None:
        """Record that `collection` now holds all passages of this revision."""
        with self._write() as connection:
            connection.execute(update(_library).filter_by(document=document.id, sha256=document.sha256).values(indexed=collection))
            self._advance(connection)

    def doubt(self, identifier: str) -> None:
        """Forget that a document is indexed, so that it is indexed anew; raises `UnknownDocument`."""
        self.document(identifier)
        with self._write() as connection:
            connection.execute(update(_library).filter_by(document=identifier).values(indexed=""))

    def remove(self, identifier: str) -> None:
        """Take a document out of the library; its revisions stay for the answers that cite them.

        Raises:
            UnknownDocument: there is none of that id.
        """
        with self._write() as connection:
            if not connection.execute(delete(_library).filter_by(document=identifier)).rowcount:
                raise UnknownDocument(f"no document {identifier!r}; `python -m rag documents` lists those there are")
            self._advance(connection)

    def get(self, key: str) -> str:
        """A named value of the store's state, or the empty string."""
        with self._read() as connection:
            return str(connection.execute(select(_state.c.value).filter_by(key=key)).scalar() or "")

    def set(self, key: str, value: str) -> None:
        """Keep a named value of the store's state."""
        with self._write() as connection:
            self._set(connection, key, value)

    @property
    def generation(self) -> int:
        """Raised by every change to what is indexed, so that readers know when to look again."""
        return int(self.get("generation") or 0)

    def _advance(self, connection: Connection) -> None:
        current = connection.execute(select(_state.c.value).filter_by(key="generation")).scalar() or "0"
        self._set(connection, "generation", str(int(current) + 1))

    @staticmethod
    def _set(connection: Connection, key: str, value: str) -> None:
        if not connection.execute(update(_state).filter_by(key=key).values(value=value)).rowcount:
            connection.execute(insert(_state).values(key=key, value=value))

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._error(error) from error

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def _error(self, error: SQLAlchemyError) -> StoreError:
        reason = getattr(error, "orig", None) or error
        return StoreError(f"the ledger {self._path} cannot be used: {reason}. Check that its folder is writable and not full.")


def _parse(body: str) -> Document:
    return _DOCUMENT.validate_json(body)
