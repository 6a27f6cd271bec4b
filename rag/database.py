"""The database under the ledger: SQLite in a file, or PostgreSQL by URL; and who may write to the store.

A reader never waits for a writer: SQLite keeps a write-ahead log, PostgreSQL has snapshots. Writers take turns by a lock
that the operating system or the server takes back from a process that dies.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from rag.errors import StoreBusy, StoreError

TABLES = MetaData()
STATE = Table("state", TABLES, Column("key", String, primary_key=True), Column("value", String, nullable=False))
SCHEMA = "2"
_LOCK = 0x6B75746970
"""The advisory lock's number: "kutip"."""


class Database:
    """Tables, transactions, a named state, and the writer's lock."""

    def __init__(self, location: str | Path) -> None:
        """Open the database, making its tables where there are none.

        Args:
            location: a file, or `postgresql://user@host/database`.

        Raises:
            StoreError: it cannot be opened or made there.
        """
        self.location = str(location)
        self._file = None if "://" in self.location else Path(location)
        self._held: Connection | None = None
        self._engine = _sqlite(self._file) if self._file else _postgresql(self.location)
        with self.reading() as connection:
            made = inspect(connection).has_table(STATE.name)
        if not made or self.get("schema") != SCHEMA:
            self._make()

    def close(self) -> None:
        """Release the file or the connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction: all of it is kept, or nothing."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    def get(self, key: str) -> str:
        """A named value of the state, or the empty string."""
        with self.reading() as connection:
            return str(connection.execute(select(STATE.c.value).filter_by(key=key)).scalar() or "")

    def set(self, connection: Connection, **values: str) -> None:
        """Keep named values of the state, as part of a transaction."""
        for key, value in values.items():
            if not connection.execute(update(STATE).filter_by(key=key).values(value=value)).rowcount:
                connection.execute(insert(STATE).values(key=key, value=value))

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the store as its only writer.

        Raises:
            StoreBusy: another process does; it is named.
            StoreError: the store cannot be written.
        """
        with self._locked_file(self._file.with_name("writer.lock")) if self._file else self._advisory_lock():
            since = datetime.now(UTC).isoformat(timespec="seconds")
            with self.changing() as connection:
                self.set(connection, writer=f"process {os.getpid()} on {socket.gethostname()} since {since}")
            yield

    def still_writer(self) -> None:
        """Raise `StoreError` where the lock was lost with its connection, so that another may hold it by now."""
        with self._translated():
            if self._held:
                self._held.execute(text("select 1"))

    def _locked_file(self, file: Path) -> AbstractContextManager[object]:
        lock = FileLock(file, timeout=0)
        try:
            return lock.acquire()
        except Timeout:
            raise self._busy() from None
        except OSError as error:
            raise StoreError(f"{file.parent} cannot be written: {error.strerror}") from error

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        with self._translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar():
                raise self._busy()
            self._held = connection
            try:
                yield
            finally:
                self._held = None
                try:
                    connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                except SQLAlchemyError:
                    connection.invalidate()  # the session was cut, and the lock went with it

    def _busy(self) -> StoreBusy:
        return StoreBusy(f"another process is writing to this store ({self.get('writer') or 'unknown'}); try again when it is done")

    def _make(self) -> None:
        with self.changing() as connection:
            if not self._file:  # two processes that start at once take turns
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK + 1})
            for table in TABLES.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
            found = inspect(connection)
            if found.has_table("library") and any(column["name"] == "indexed" for column in found.get_columns("library")):
                connection.execute(text("alter table library drop column indexed"))  # 0.1.0 kept the steps there
            self.set(connection, schema=SCHEMA)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip()
            advice = "Check that its folder is writable and not full." if self._file else "Check that its server runs (RAG_LEDGER)."
            raise StoreError(f"the ledger {shown(self.location)} cannot be used: {reason}. {advice}") from error


def _sqlite(file: Path) -> Engine:
    if os.access(file.parent, os.W_OK):
        engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        pragmas = ["journal_mode=WAL", "synchronous=FULL"]
    else:
        # Where nothing can be written, not even a shared-memory file can be made for the log: there must be no log then.
        alone = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
        engine = create_engine(f"sqlite:///file:{file}?mode=ro{alone}&uri=true", poolclass=NullPool)
        pragmas = []

    @event.listens_for(engine, "connect")
    def connect(connection: object, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    return engine


def _postgresql(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres"}:
        raise StoreError(f"the ledger {shown(url)!r} is neither a file nor postgresql://...")
    try:
        return create_engine(f"postgresql+psycopg://{rest}", pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError("a ledger in PostgreSQL needs psycopg: `.venv/bin/pip install 'psycopg[binary]'`") from error


def shown(url: str) -> str:
    """A database's address without user and password, which may also stand behind a question mark."""
    scheme, mark, rest = url.partition("?")[0].partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
