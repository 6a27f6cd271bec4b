"""A folder followed: what appears there is added, what changes is brought up to date, what goes is removed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from rag.assistant import Assistant
from rag.errors import DocumentError, StoreBusy
from rag.formats.article import Refusal
from rag.formats.kinds import SUFFIXES
from rag.formats.reading import files

Outcome = tuple[list[str], list[Refusal]]


def follow(assistant: Assistant, paths: Sequence[Path], stop: Event | None = None) -> Iterator[Outcome]:
    """After each burst of changes, the ids of documents whose text is new, and what could not be read; until stopped.

    The first outcome is of nothing and comes as soon as the paths are watched, so that who then reads them misses nothing.
    A store that another process is writing to is tried again with the next burst, and every second.

    Raises:
        DocumentError: one of the paths is not there.
    """
    from watchfiles import watch

    roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  (as origins are: links not followed)
    if missing := [root for root in roots if not root.exists()]:
        raise DocumentError(f"{missing[0]} cannot be followed: it is not there")
    bursts = watch(*roots, stop_event=stop, yield_on_timeout=True, rust_timeout=1000, recursive=True)
    waiting = {Path(path) for _, path in next(bursts, ())}
    yield [], []
    for burst in bursts:
        waiting |= {Path(path) for _, path in burst}
        if not waiting:
            continue
        refused: list[Refusal] = []
        try:
            gone = _remove(assistant, [path for path in waiting if not os.path.lexists(path)])
            here = sorted({source for path in waiting for source in _sources(path, roots)})
            changed = assistant.library.add(assistant.read(here, refused=refused.append)) if here else []
        except StoreBusy:
            continue
        waiting.clear()
        if changed or refused or gone:
            yield changed, refused


def _sources(path: Path, roots: Sequence[Path]) -> Iterator[Path]:
    """What to read because of a change there: the file, those of a folder, the corpus folder it belongs to, or nothing.

    Like the first reading it leaves alone what is hidden and what is a link; and what editors keep beside a file ("~").
    """
    for root in (root for root in roots if path.is_relative_to(root)):
        steps = [path, *path.parents][: len(path.parts) - len(root.parts)]
        if (root / "manifest.json").is_file():
            yield root
        elif path == root:
            yield from [path] if path.is_file() else []
        elif not any(step.name.startswith(".") or step.is_symlink() for step in steps):
            yield from (file for file in files(path) if isinstance(file, Path) and _is_article(file))


def _is_article(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.suffix.lower() in SUFFIXES and not file.name.startswith("~")


def _remove(assistant: Assistant, paths: Sequence[Path]) -> int:
    """Take out what came from files that are gone, and say how many documents that were."""
    begun = tuple(f"{path}{then}" for path in paths for then in ("#", os.sep))
    gone = [d.id for d in (assistant.documents() if paths else ()) if Path(d.origin) in paths or d.origin.startswith(begun)]
    for identifier in gone:
        assistant.remove(identifier)
    return len(gone)
