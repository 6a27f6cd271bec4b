import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.config import PROJECT
from rag.database import Database
from rag.errors import StoreBusy, StoreError

Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(tmp_path: Path, postgresql: str, chroma: str) -> Run:
    """Starts a command of ours as one process among several that share the two servers, each with a home of its own."""

    def start(name: str, *arguments: str) -> "subprocess.Popen[str]":
        own = {"HOME": str(tmp_path / name), "EMBEDDER": "hashing", "LEDGER": postgresql, "STORE": chroma, "RISK": "0.5"}
        environment = os.environ | {f"RAG_{key}": value for key, value in own.items()}
        command = [sys.executable, "-W", "ignore", "-m", "rag", *arguments]
        return subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=-1, stderr=-1, text=True)

    return start


def output(process: "subprocess.Popen[str]") -> str:
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed


def articles(folder: Path, name: str, count: int) -> Path:
    folder = folder / name
    folder.mkdir()
    for number in range(count):
        (folder / f"{name}{number}.txt").write_text(f"Judul {name}{number}\n\nKabar {name}{number} tentang beras. Harga naik.")
    return folder


def test_two_processes_share_a_chroma_server_and_a_ledger_in_postgresql(run: Run, tmp_path: Path) -> None:
    output(run("one", "index", str(articles(tmp_path, "pagi", 5))))
    asking = [run(name, "search", "kabar pagi3 tentang beras", "--json") for name in ("one", "two")]
    found = [json.loads(output(process)) for process in asking]
    assert found[0] == found[1]
    assert found[0][0]["document"] == "pagi3"
    output(run("two", "index", str(articles(tmp_path, "sore", 5))))
    reading, rebuilding = run("one", "search", "kabar sore2 tentang beras", "--json"), run("two", "index", "--rebuild")
    assert json.loads(output(reading))[0]["document"] == "sore2"
    output(rebuilding)
    assert len(json.loads(output(run("one", "documents", "--json")))) == 10
    assert "damage                 none" in output(run("two", "doctor"))


def test_a_second_writer_is_told_who_holds_a_ledger_in_postgresql(postgresql: str) -> None:
    first, second = Database(postgresql), Database(postgresql)
    with first.writer():
        with pytest.raises(StoreBusy, match=rf"process {os.getpid()} on .* since 20"), second.writer():
            pass
        first.still_writer()
    with second.writer():
        pass
    for database in (first, second):
        database.close()


def test_a_writer_whose_connection_was_cut_stops(postgresql: str) -> None:
    first, second = Database(postgresql), Database(postgresql)
    with first.writer():
        with second.changing() as connection:
            connection.exec_driver_sql("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
        with pytest.raises(StoreError, match="cannot be used"):
            first.still_writer()
    for database in (first, second):
        database.close()


def test_a_writer_killed_at_any_instant_loses_nothing_on_servers_either(postgresql: str, chroma: str, tmp_path: Path) -> None:
    kills = os.environ.get("KILLS", "5")
    database = Database(postgresql)
    with database.changing() as connection:
        connection.exec_driver_sql("drop schema public cascade; create schema public")
    database.close()
    command = [sys.executable, "-W", "ignore", "-m", "tests.store.kills", "--kills", kills, "--ledger", postgresql]
    done = subprocess.run([*command, "--store", chroma, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
