"""A folder followed: what appears there is added, what changes is brought up to date, what goes is removed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from rag.assistant import Assistant
from rag.errors import StoreBusy
from rag.formats.article import Refusal
from rag.formats.kinds import SUFFIXES

Outcome = tuple[list[str], list[Refusal]]


def follow(assistant: Assistant, paths: Sequence[Path], stop: Event | None = None) -> Iterator[Outcome]:
    """After each burst of changes, the ids of documents whose text is new, and what could not be read; until stopped.

    A store that another process is writing to is tried again with the next burst, and every few seconds.
    """
    from watchfiles import watch

    roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  (as origins are: links not followed)
    waiting: set[Path] = set()
    for burst in watch(*roots, stop_event=stop, yield_on_timeout=True, recursive=True):
        waiting |= {Path(path) for _, path in burst}
        if not waiting:
            continue
        refused: list[Refusal] = []
        try:
            gone = _remove(assistant, [path for path in waiting if not os.path.lexists(path)])
            here = sorted({source for path in waiting if (source := _source(path, roots))})
            changed = assistant.library.add(assistant.read(here, refused=refused.append)) if here else []
        except StoreBusy:
            continue
        waiting.clear()
        if changed or refused or gone:
            yield changed, refused


def _source(path: Path, roots: Sequence[Path]) -> Path | None:
    """What to read because of a change there: the file, the corpus folder it belongs to, or nothing."""
    for root in roots:
        if (root / "manifest.json").is_file() and path.is_relative_to(root):
            return root
        if path == root:
            return path if path.is_file() else None
    return path if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~")) else None


def _remove(assistant: Assistant, paths: Sequence[Path]) -> int:
    """Take out what came from files that are gone, and say how many documents that were."""
    begun = tuple(f"{path}{then}" for path in paths for then in ("#", os.sep))
    gone = [d.id for d in (assistant.documents() if paths else ()) if Path(d.origin) in paths or d.origin.startswith(begun)]
    for identifier in gone:
        assistant.remove(identifier)
    return len(gone)
