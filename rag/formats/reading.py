"""Paths -> articles, each with where it came from; what cannot be read is named, and the rest goes on."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rag.config import Limits
from rag.formats.archive import Budget, checked_entries, members
from rag.formats.article import Article, Refusal, Unreadable
from rag.formats.cage import Cage
from rag.formats.kinds import OTHER_KIND, SUFFIXES, kind_of
from rag.formats.parser import parse

_LINK = "is a link, which is not followed inside a folder; give the path it leads to"


@dataclass(frozen=True, slots=True)
class Found:
    """An article and its origin: the file's path or name, then what leads to it in there (`a.zip#b.rss#guid`)."""

    origin: str
    name: str
    """The file's own name, without folders."""
    article: Article


@dataclass(frozen=True, slots=True)
class Upload:
    """A file kept under another name than its own."""

    name: str
    path: Path


def files(path: Path) -> Iterator[Path | Refusal]:
    """The files at a path, folders in the order of their names; hidden ones and links inside a folder are left alone.

    A link may lead anywhere, also back to where it stands.
    """
    if not path.is_dir():
        yield path
        return
    denied: list[Refusal] = []
    for folder, folders, names in os.walk(path, onerror=lambda e: denied.append(Refusal(str(e.filename), _reason(e)))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
        yield from (Refusal(_text(Path(folder, name)), _LINK) for name in folders if Path(folder, name).is_symlink())
    yield from denied


def read_file(path: Path, cage: Cage, *, given: bool) -> Iterator[Found | Refusal]:
    """The articles of one file.

    Args:
        path: the file.
        cage: where it is parsed, within its limits.
        given: whether a person gave this very path; then a link is followed, and a name that says nothing is no matter.
    """
    yield from _file(_text(path), path, cage, given=given)


def read_upload(upload: Upload, cage: Cage) -> Iterator[Found | Refusal]:
    """The articles of an upload, whose origin is its own name."""
    yield from _file(upload.name, upload.path, cage, given=True)


def _file(name: str, path: Path, cage: Cage, *, given: bool) -> Iterator[Found | Refusal]:
    if not given and path.suffix.lower() not in SUFFIXES:
        yield Refusal(name, OTHER_KIND, passed_over=True)
        return
    try:
        raw = _bytes(path, cage.limits, linked=given)
    except Unreadable as error:
        yield Refusal(name, str(error))
        return
    yield from read_bytes(name, raw, cage)


def read_bytes(name: str, raw: bytes, cage: Cage) -> Iterator[Found | Refusal]:
    """The articles of a file that is in memory; of an archive, those of each file in it."""
    yield from _read(name, raw, cage, Budget(cage.limits), depth=0)


def _read(name: str, raw: bytes, cage: Cage, budget: Budget, depth: int) -> Iterator[Found | Refusal]:
    limits = cage.limits
    last = re.split(r"[/\\#]", name)[-1]
    try:
        if raw.startswith(b"PK"):
            checked_entries(raw, limits)
        kind = kind_of(last, raw)
        if kind == "zip" and depth == limits.max_depth:
            raise Unreadable(f"lies {depth} archives deep; the limit is {limits.max_depth} (RAG_MAX_DEPTH)")  # noqa: TRY301
        if kind == "zip":
            yield from _unpacked(name, raw, cage, budget, depth)
            return
        # text has no parser that could go wrong, and most libraries are text: it needs no other process
        found = parse(kind, raw, limits) if kind == "text" else cage.parse(kind, raw)
    except Unreadable as error:
        yield Refusal(name, str(error))
        return
    keys = set[str]()
    for number, one in enumerate(found, 1):
        if isinstance(one, Refusal):
            yield Refusal(f"{name}, {one.name}", one.reason)
            continue
        key = one.key if one.key not in keys and (one.key or len(found) == 1) else f"{one.key}/{number}"
        keys.add(key)
        yield Found(f"{name}#{key}" if key else name, last, replace(one, key=key))


def _unpacked(name: str, raw: bytes, cage: Cage, budget: Budget, depth: int) -> Iterator[Found | Refusal]:
    names = set[str]()
    for member in members(raw, cage.limits, budget):
        inner = member.name if isinstance(member, Refusal) else member[0]
        if isinstance(member, Refusal):
            yield Refusal(f"{name}#{inner}", member.reason)
        elif PurePosixPath(inner).suffix.lower() not in SUFFIXES:
            yield Refusal(f"{name}#{inner}", OTHER_KIND, passed_over=True)
        elif inner in names:
            yield Refusal(f"{name}#{inner}", "stands in the archive twice; the first was read")
        else:
            yield from _read(f"{name}#{inner}", member[1], cage, budget, depth + 1)
        names.add(inner)
    if not names:
        raise Unreadable("is an archive of nothing")


def _bytes(path: Path, limits: Limits, *, linked: bool) -> bytes:
    """The bytes of a regular file.

    Raises:
        Unreadable: it is no regular file, too large, or cannot be read.
    """
    try:
        with _opened(path, linked=linked) as (descriptor, status):
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("is not a file but a device, a pipe or a folder")
            if status.st_size > limits.max_file:
                raise Unreadable(f"has {status.st_size:,} bytes; the limit is {limits.max_file_mb} MB (RAG_MAX_FILE_MB)")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(limits.max_file + 1)
    except OSError as error:
        raise Unreadable(_reason(error)) from error


@contextmanager
def _opened(path: Path, *, linked: bool) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor and what it is of, without waiting for the other end of a pipe."""
    if not linked and path.is_symlink():
        raise Unreadable(_LINK)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor, os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _text(path: Path) -> str:
    """A path as text; a name on disk need not be text."""
    return os.fsencode(path).decode("utf-8", "replace")


def _reason(error: OSError) -> str:
    return f"cannot be read: {error.strerror}"
