"""Zip files -> what is packed in them, never more than the limits allow, and never written anywhere."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from lzma import LZMAError
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.config import Limits
from rag.formats.article import Refusal, Unreadable

_ENTRY = b"PK\x01\x02"


class Budget:
    """How many bytes may still be unpacked from one file, at any depth."""

    def __init__(self, limits: Limits) -> None:
        """A whole budget."""
        self.left = limits.max_unpacked

    def spend(self, count: int) -> None:
        """Take from it.

        Raises:
            Unreadable: it is spent.
        """
        self.left -= count
        if self.left < 0:
            raise Unreadable("unpacks to more than the limit allows (RAG_MAX_UNPACKED_MB); the rest of it was not read")


def checked_entries(raw: bytes, limits: Limits) -> None:
    """Refuse an archive of too many entries before listing them takes the memory.

    Raises:
        Unreadable: there are too many.
    """
    if (count := raw.count(_ENTRY)) > limits.max_articles:
        raise Unreadable(f"packs {count:,} files; the limit is {limits.max_articles:,} (RAG_MAX_ARTICLES)")


def members(raw: bytes, limits: Limits, budget: Budget) -> Iterator[tuple[str, bytes] | Refusal]:
    """Each file in an archive as its name and bytes, or why it was not read.

    Names are only names: nothing is written, so `../` leads nowhere.

    Raises:
        Unreadable: it is no zip file, or the budget is spent.
    """
    try:
        archive = ZipFile(BytesIO(raw))
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("is damaged: it cannot be read as ZIP") from error
    with archive:
        for entry in archive.infolist():
            if not entry.is_dir() and not _is_litter(entry.filename):
                yield _member(archive, entry, limits, budget)


def _member(archive: ZipFile, entry: ZipInfo, limits: Limits, budget: Budget) -> tuple[str, bytes] | Refusal:
    if entry.flag_bits & 1:
        return Refusal(entry.filename, "is locked with a password")
    most = limits.max_file
    try:
        with archive.open(entry) as file:
            raw = file.read(min(most, budget.left) + 1)  # what is declared to be small may not be
    except (BadZipFile, zlib.error, LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        return Refusal(entry.filename, "is damaged: it cannot be unpacked")
    budget.spend(len(raw))
    if len(raw) > most:
        return Refusal(entry.filename, f"has more than {limits.max_file_mb} MB, the limit (RAG_MAX_FILE_MB)")
    return entry.filename, raw


def _is_litter(name: str) -> bool:
    """Whether a file is what systems leave in archives beside the files meant."""
    return any(part.startswith((".", "__MACOSX")) and part not in {".", ".."} for part in name.split("/"))
