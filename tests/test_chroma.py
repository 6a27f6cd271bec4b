import os
from pathlib import Path

import pytest

from rag.chroma import Chroma
from rag.errors import StoreError


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in a folder that cannot be written, which root, who may run this, would be let into."""
    folder = tmp_path / "chroma"
    made = Chroma(str(folder))
    made.client.create_collection("news")
    made.close()
    access = os.access
    monkeypatch.setattr("rag.chroma.os.access", lambda path, mode: path != folder and access(path, mode))
    return folder


def test_a_folder_that_cannot_be_written_is_asked_through_a_copy(locked: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in locked.rglob("*")}
    opened = Chroma(str(locked))
    assert [collection.name for collection in opened.client.list_collections()] == ["news"]
    opened.client.create_collection("more")
    opened.close()
    assert {path: path.stat().st_mtime_ns for path in locked.rglob("*")} == before


def test_nothing_is_written_into_the_copy_without_a_word(locked: Path) -> None:
    opened = Chroma(str(locked))
    with pytest.raises(StoreError, match="cannot be written; make the folder writable, or only ask"):
        opened.writable()
    opened.close()


def test_a_folder_that_can_be_written_is_used_as_it_lies(tmp_path: Path) -> None:
    Chroma(str(tmp_path)).writable()
    Chroma("http://127.0.0.1:1").writable()
