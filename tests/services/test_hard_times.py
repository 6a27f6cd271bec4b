"""Disks that are full or cannot be written, and others at work on the same store."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import PROJECT
from rag.embedding import HashingEmbedder
from rag.errors import StoreError
from rag.library import Library
from rag.records import Document

DOCUMENTS = [Document(f"d{n}", f"Kabar nomor {n} tentang beras. Harga naik.", f"Judul {n}", "id") for n in range(12)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own: 3 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("file systems can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, options: str) -> None:
    """Again where the folder is busy: Chroma closes its files on threads of its own, a moment after it was told to."""
    for _ in range(50):
        if not subprocess.run(["mount", "-o", f"remount,{options}", folder], capture_output=True).returncode:
            return
        time.sleep(0.2)
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def open_library(home: Path) -> Library:
    return Library(home, str(home / "chroma"), HashingEmbedder())


def found(library: Library) -> set[str]:
    return {place.document for place in library.nearest(HashingEmbedder().queries(["kabar beras"])[0], 50)}


def test_a_full_disk_is_an_error_of_ours_and_nothing_is_lost(disk: Path) -> None:
    library = open_library(disk)
    library.add(DOCUMENTS[:2])
    long = " ".join(f"Kalimat{n} tentang beras dan harga." for n in range(400))
    with pytest.raises(StoreError, match="cannot be used"):
        library.add([Document(f"long{n}", f"{n} {long}", "Panjang", "id") for n in range(20)])
    library.close()
    remount(disk, "size=200m")
    again = open_library(disk)
    again.recover()
    assert {"d0", "d1"} <= {document.id for document in again.documents()}
    assert again.repair() == []
    again.close()


def test_a_store_that_cannot_be_written_answers_and_says_why_it_cannot_be_changed(disk: Path) -> None:
    remount(disk, "size=50m")
    library = open_library(disk)
    library.add(DOCUMENTS[:3])
    library.close()
    remount(disk, "ro")
    reader = open_library(disk)
    reader.check()
    reader.recover()
    assert found(reader) == {"d0", "d1", "d2"}
    with pytest.raises(StoreError, match="cannot be"):
        reader.add(DOCUMENTS)
    reader.close()


def test_a_reader_finds_everything_while_another_process_rebuilds(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    library.add(DOCUMENTS)
    code = (
        "from pathlib import Path; from rag.library import *; from rag.embedding import HashingEmbedder; "
        f"library = Library(Path({str(tmp_path)!r}), {str(tmp_path / 'chroma')!r}, HashingEmbedder())\n"
        "for _ in range(4): library.rebuild()"
    )
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], cwd=PROJECT) as other:
        reads = 0
        while other.poll() is None:
            assert found(library) == {document.id for document in DOCUMENTS}
            reads += 1
    assert other.returncode == 0
    assert reads > 3
    assert library.damage() == []
