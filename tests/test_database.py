import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from rag.config import PROJECT
from rag.database import Database, shown
from rag.errors import StoreBusy, StoreError
from rag.ledger import Ledger


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "ledger.sqlite")


def test_state_is_kept_all_or_nothing(database: Database, tmp_path: Path) -> None:
    with database.changing() as connection:
        database.set(connection, one="1", two="2")
    with pytest.raises(KeyError), database.changing() as connection:  # noqa: PT012
        database.set(connection, one="3")
        raise KeyError
    again = Database(tmp_path / "ledger.sqlite")
    assert [again.get(key) for key in ("one", "two", "three")] == ["1", "2", ""]


def test_a_second_writer_is_told_at_once_who_writes(database: Database, tmp_path: Path) -> None:
    with database.writer():
        with pytest.raises(StoreBusy, match=r"process \d+ on .+ since 20"), Database(tmp_path / "ledger.sqlite").writer():
            pass
        database.still_writer()
    with Database(tmp_path / "ledger.sqlite").writer():
        pass


def test_a_reader_does_not_wait_for_a_transaction(database: Database, tmp_path: Path) -> None:
    reader = Database(tmp_path / "ledger.sqlite")
    with database.changing() as connection:
        database.set(connection, one="1")
        assert reader.get("one") == ""
    assert reader.get("one") == "1"


def test_a_writer_that_died_holds_nothing(database: Database, tmp_path: Path) -> None:
    code = (
        "import os, signal; from rag.database import Database; "
        f"database = Database({str(tmp_path / 'ledger.sqlite')!r})\n"
        "with database.writer(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == -9
    with database.writer():
        pass


@pytest.mark.parametrize("location", ["mysql://x", "http://somewhere"])
def test_an_address_of_another_kind_is_refused(location: str) -> None:
    with pytest.raises(StoreError, match="neither a file nor postgresql"):
        Database(location)


def test_a_password_is_not_shown() -> None:
    assert shown("postgresql://me:secret@host/kutip") == "postgresql://host/kutip"
    assert shown("postgresql://host/kutip?user=me&password=secret") == "postgresql://host/kutip"


def test_two_that_start_at_once_both_find_the_tables(tmp_path: Path) -> None:
    first, second = Ledger(tmp_path / "ledger.sqlite"), Ledger(tmp_path / "ledger.sqlite")
    first.set(one="1")
    assert second.get("one") == "1"


def test_a_log_is_beside_the_file_so_that_readers_go_on(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
