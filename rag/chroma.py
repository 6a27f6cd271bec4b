"""One Chroma, in a folder or on a server: opened when needed, let go of, tidied up; what it raises becomes an error of ours."""

import ctypes
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from shutil import copyfile, copytree, rmtree
from tempfile import TemporaryDirectory
from threading import RLock
from typing import TYPE_CHECKING

from rag.errors import StoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_GRAPH = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Chroma calls the folder of a graph."""
_OPENING = RLock()
"""Chroma shares one system among all clients of a folder, and counts them; opening and closing on two threads would miscount."""


class Chroma:
    """A place where Chroma keeps collections; nothing is opened until it is needed."""

    def __init__(self, location: str) -> None:
        """The location is a folder, or `http://host:port` of a Chroma server."""
        self.location = location

    @property
    def remote(self) -> bool:
        """Whether it is a server."""
        return self.location.startswith(("http://", "https://"))

    @cached_property
    def client(self) -> "ClientAPI":
        """What chromadb gives; opened when first asked for."""
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if self.remote:
            from urllib.parse import urlsplit

            url = urlsplit(self.location)
            return chromadb.HttpClient(
                host=url.hostname or "localhost", port=url.port or 8000, ssl=url.scheme == "https", settings=settings
            )
        with _OPENING:
            return chromadb.PersistentClient(str(self._folder), settings=settings)

    @cached_property
    def _folder(self) -> Path:
        """Where Chroma works; it writes even to read, so what cannot be written is copied."""
        folder = Path(self.location)
        if not folder.is_dir() or os.access(folder, os.W_OK):
            return folder
        self._copy = TemporaryDirectory(prefix="kutip-chroma-")
        copied = copytree(folder, Path(self._copy.name) / "chroma", copy_function=copyfile)
        copied.chmod(0o700)
        return copied

    def writable(self) -> None:
        """Refuse to write into the copy of a folder that cannot be written; raises `StoreError`."""
        if not self.remote and self._folder != Path(self.location):
            raise StoreError(f"the vector store at {self.location} cannot be written; make the folder writable, or only ask.")

    def close(self) -> None:
        """Let go of the store; the next use opens it again and sees what other processes wrote."""
        if "client" in self.__dict__:
            with _OPENING:
                self.client.close()  # type: ignore[attr-defined]  # on the class that chromadb really returns
            del self.client
            give_back()
        if "_copy" in self.__dict__:
            self._copy.cleanup()
        for name in ("_folder", "_copy"):
            self.__dict__.pop(name, None)

    def clear(self) -> None:
        """Delete the graphs of collections that are no more: Chroma 1.5.9 leaves them in its folder, 1.6 kB for each passage.

        Its own table says which are in use; where that cannot be read, nothing is deleted. A server's are its own affair.
        """
        if self.remote:
            return
        try:
            with closing(sqlite3.connect(f"{(self._folder.resolve() / 'chroma.sqlite3').as_uri()}?mode=ro", uri=True)) as chroma:
                used = {str(name) for (name,) in chroma.execute("SELECT id FROM segments")}
        except sqlite3.Error:
            return
        for graph in self._folder.iterdir():
            if graph.is_dir() and _GRAPH.fullmatch(graph.name) and graph.name not in used:
                rmtree(graph, ignore_errors=True)

    def discard(self) -> None:
        """Put a folder that Chroma cannot open out of the way; a server's is its own affair."""
        from chromadb.api.shared_system_client import SharedSystemClient

        self.close()
        if not self.remote and (folder := Path(self.location)).exists():
            damaged = folder.with_name(f"{folder.name}.damaged")
            rmtree(damaged, ignore_errors=True)
            folder.rename(damaged)
            SharedSystemClient.clear_system_cache()  # where chromadb keeps what it could not open, by its path

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what Chroma raises into an error of ours."""
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        # An AttributeError is what chromadb 1.5.9 stumbles over when it tidies up after a store it could not open, a KeyError
        # what comes of a passage that another process took out after this one had opened the graph.
        except (ChromaError, httpx.HTTPError, ValueError, OSError, RuntimeError, AttributeError, KeyError) as error:
            raise StoreError(
                f"the vector store at {self.location} cannot be used: {error}. "
                "`python -m rag doctor` says what is wrong with it, and `doctor --repair` makes it anew from the ledger."
            ) from error


def give_back() -> None:
    """Return to the system what Chroma has freed: glibc keeps it otherwise, a third of the process after 24,000 passages."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # musl has none
        trim(0)
