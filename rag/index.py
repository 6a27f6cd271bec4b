"""Passages <-> Chroma, through llama-index's vector store and retriever.

In a folder, an index is one or more Chroma collections, its shards, of which the last is written to: so a writer holds one
shard's graph in memory, however many passages there are. Who asks, asks them all. A server holds its graphs itself: one shard.

What comes back are places (document, start, end), never text: the words are cut from the ledger's document, so that
nothing the vector store holds can put words into a citation.
"""

import ctypes
import math
import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from shutil import copyfile, copytree, rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import numpy as np

from rag.embedding import Matrix, Vector
from rag.errors import StoreError
from rag.records import Document, Passage, Span

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from llama_index.core.indices import VectorStoreIndex
    from llama_index.vector_stores.chroma import ChromaVectorStore


@dataclass(frozen=True, slots=True)
class Place:
    """Where a retrieved passage stands, in which revision, and how close it is (cosine similarity)."""

    document: str
    sha256: str
    start: int
    end: int
    sentences: tuple[Span, ...]
    score: float


NEVER = 10**9
"""Changes after which Chroma writes a collection's graph to disk: not while others may look at it.

It writes the graph over the old one in place. Killed meanwhile, it cannot open it again (2 of 25 kills at 10 changes), and a
process that reads meanwhile fails (412 of 434 reads at 1,000, none at `NEVER`). So a graph is written while nobody knows its
collection; from then on changes stay in Chroma's own log, which SQLite keeps whole, and are applied again on opening.
"""
BUILDING = 5000
"""The same while a collection is built."""
SHARD = 20_000
"""Passages after which another shard is begun, a multiple of `BUILDING`: 36 MB of graph, and 5 shards to ask for 100,000."""
_BATCH = 5000
"""Passages in one call; Chroma refuses more than 5,461."""
_GRAPH = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Chroma calls the folder of a graph."""
_CONFIGURATION: dict[str, Any] = {"space": "cosine", "batch_size": 100}
"""Of the graph; 100 changes are searched one by one before they join it, which is Chroma's default."""


class Index:
    """Passages that are all embedded alike, in as many shards as they need."""

    def __init__(self, location: str, collection: str) -> None:
        """Nothing is opened until it is needed.

        Args:
            location: a folder, or `http://host:port` of a Chroma server.
            collection: the name of the index, and of its first shard, which `create` makes.
        """
        self._location = location
        self.collection = collection
        self._building = False

    def create(self, *, building: bool = False) -> None:
        """Make the index where there is none; `building`: nobody looks at it before `settle`."""
        self._building = building
        with self._translated():
            self._begin(self.collection)

    def _begin(self, shard: str) -> None:
        configuration: Any = {"hnsw": _CONFIGURATION | {"sync_threshold": BUILDING if self._building else NEVER}}
        self._client.get_or_create_collection(shard, configuration=configuration, embedding_function=None)

    def settle(self) -> None:
        """Write the graphs to disk no more: from now on others look at them."""
        self._building = False
        with self._translated(), catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # Chroma's, that we let it embed nothing
            for store in self._stores:
                store.client.modify(configuration={"hnsw": {"sync_threshold": NEVER}})

    def names(self, prefix: str) -> list[str]:
        """The indexes whose names begin so."""
        with self._translated():
            shards = sorted(c.name for c in self._client.list_collections() if c.name.startswith(prefix))
        return list(dict.fromkeys(shard.partition(".")[0] for shard in shards))

    def add(self, loads: Iterable[tuple[Document, Sequence[Passage], Matrix]]) -> None:
        """Store the passages of documents with their vectors, row by row; a call takes 40 ms, a passage in it 0.4."""
        from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo, TextNode

        nodes: list[BaseNode] = [
            TextNode(
                id_=passage_name(document.id, document.sha256, p.start, p.end),
                text=p.text,
                embedding=vector.tolist(),
                metadata={
                    "document": document.id,
                    "sha256": document.sha256,
                    "language": document.language,
                    "start": p.start,
                    "end": p.end,
                    "sentences": " ".join(f"{s.start}-{s.end}" for s in p.sentences),
                },
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=p.document)},
            )
            for document, passages, vectors in loads
            for p, vector in zip(passages, vectors, strict=True)
        ]
        with self._translated():
            for first in range(0, len(nodes), _BATCH):
                self._roomy().add(nodes[first : first + _BATCH])
        _give_back()

    def _roomy(self) -> "ChromaVectorStore":
        """The last shard, or a new one where it is full; what is full is let go of, graph and all."""
        if not self._remote and self._stores[-1].client.count() >= SHARD:
            following = f"{self.collection}.{len(self._stores)}"
            self.close()
            self._begin(following)
        return self._stores[-1]

    def remove(self, document: str, *, only: str = "", but: str = "") -> None:
        """Drop the passages of a document: all, `only` those of one revision, or all `but` those of one."""
        revision: Any = {"$eq": only} if only else {"$ne": but}
        with self._translated():
            for store in self._stores:
                store.client.delete(where={"$and": [{"document": document}, {"sha256": revision}]})

    def search(self, vector: Vector, k: int, documents: Sequence[str] | None = None, *, language: str | None = None) -> list[Place]:
        """The k passages whose vectors are closest to the question's, best first.

        Args:
            vector: the question's unit vector.
            k: how many at most.
            documents: ids to search in; None is all.
            language: of the documents to search in; None is every language.
        """
        from llama_index.core.schema import QueryBundle
        from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters

        wanted = [("document", documents), ("language", language and [language])]
        filters = [MetadataFilter(key=key, value=list(v), operator=FilterOperator.IN) for key, v in wanted if v is not None]
        limits = MetadataFilters(filters=list(filters)) if filters else None
        with self._translated():
            retrievers = [shard.as_retriever(similarity_top_k=k, filters=limits) for shard in self._llama_indexes]
            found = [node for one in retrievers for node in one.retrieve(QueryBundle("", embedding=vector.tolist()))]
        found.sort(key=lambda node: -(node.score or 0.0))
        # llama-index reports exp(-distance), Chroma's distance is 1 - cosine.
        return [_place(node.metadata, 1 + math.log(node.score or 1e-9)) for node in found[:k]]

    def places(self) -> list[Place]:
        """Every passage, in no order; the score is 0."""
        with self._translated():
            found = [store.client.get(include=["metadatas"])["metadatas"] or () for store in self._stores]
        return [_place(metadata, 0.0) for of_shard in found for metadata in of_shard]

    def stored(self) -> Iterator[tuple[Place, Vector]]:
        """Every passage with its vector, read a thousand at a time; the score is 0."""
        with self._translated():
            for store in self._stores:
                first = 0
                while (page := store.client.get(include=["metadatas", "embeddings"], limit=1000, offset=first))["ids"]:
                    first += len(page["ids"])
                    for metadata, vector in zip(page["metadatas"] or (), np.asarray(page["embeddings"], np.float32), strict=True):
                        yield _place(metadata, 0.0), vector

    def similarities(self, vector: Vector, places: Sequence[Place]) -> list[Place]:
        """Those of the places that are stored, each with its closeness to the question's vector."""
        by_name = {passage_name(p.document, p.sha256, p.start, p.end): p for p in places}
        if not by_name:
            return []
        places_found: list[Place] = []
        with self._translated():
            for store in self._stores:
                found = store.client.get(ids=list(by_name), include=["embeddings"])
                scores = np.asarray(found["embeddings"], np.float32).reshape(len(found["ids"]), -1) @ vector
                places_found += [replace(by_name[name], score=float(s)) for name, s in zip(found["ids"], scores, strict=True)]
        return places_found

    def drop(self) -> None:
        """Delete the index, and its graphs; only for the one who writes."""
        from chromadb.errors import NotFoundError

        with self._translated():
            for shard in reversed(self._shards()):  # the first goes last: whoever is killed here leaves a name to drop
                with suppress(NotFoundError):
                    self._client.delete_collection(shard)
        if not self._remote:
            self._clear()

    def _clear(self) -> None:
        """Delete the graphs of collections that are no more: Chroma 1.5.9 leaves them in its folder, 1.6 kB for each passage.

        Its own table says which are in use; where that cannot be read, nothing is deleted.
        """
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
        if not self._remote and (folder := Path(self._location)).exists():
            damaged = folder.with_name(f"{folder.name}.damaged")
            rmtree(damaged, ignore_errors=True)
            folder.rename(damaged)
            SharedSystemClient.clear_system_cache()  # where chromadb keeps what it could not open, by its path

    def close(self) -> None:
        """Let go of the store; the next use opens it again and sees what other processes wrote."""
        if "_client" in self.__dict__:
            self._client.close()  # type: ignore[attr-defined]  # on the class that chromadb really returns
        if "_copy" in self.__dict__:
            self._copy.cleanup()
        for name in ("_client", "_folder", "_copy", "_stores", "_llama_indexes"):
            self.__dict__.pop(name, None)

    @property
    def _remote(self) -> bool:
        return self._location.startswith(("http://", "https://"))

    @cached_property
    def _client(self) -> "ClientAPI":
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if self._remote:
            from urllib.parse import urlsplit

            url = urlsplit(self._location)
            return chromadb.HttpClient(
                host=url.hostname or "localhost", port=url.port or 8000, ssl=url.scheme == "https", settings=settings
            )
        return chromadb.PersistentClient(str(self._folder), settings=settings)

    @cached_property
    def _folder(self) -> Path:
        """Where Chroma works; it writes even to read, so what cannot be written is copied."""
        folder = Path(self._location)
        if not folder.is_dir() or os.access(folder, os.W_OK):
            return folder
        self._copy = TemporaryDirectory(prefix="kutip-chroma-")
        copied = copytree(folder, Path(self._copy.name) / "chroma", copy_function=copyfile)
        copied.chmod(0o700)
        return copied

    def _shards(self) -> list[str]:
        """Names of the shards that there are, in the order in which they were begun."""
        names = (c.name for c in self._client.list_collections())
        own = [name for name in names if name.partition(".")[0] == self.collection]
        return sorted(own, key=lambda name: int(name.partition(".")[2] or 0))

    @cached_property
    def _stores(self) -> "list[ChromaVectorStore]":
        from llama_index.vector_stores.chroma import ChromaVectorStore

        names = self._shards() or [self.collection]  # which Chroma then says is not there
        return [ChromaVectorStore(chroma_collection=self._client.get_collection(n, embedding_function=None)) for n in names]

    @cached_property
    def _llama_indexes(self) -> "list[VectorStoreIndex]":
        from llama_index.core import MockEmbedding, VectorStoreIndex
        from llama_index.core.callbacks import CallbackManager
        from llama_index.core.node_parser import SimpleFileNodeParser

        # Every part is given, so that nothing is taken from llama-index's global Settings. Questions come embedded; the
        # embedding model that llama-index insists on is never asked.
        return [
            VectorStoreIndex.from_vector_store(
                store,
                embed_model=MockEmbedding(embed_dim=1),
                callback_manager=CallbackManager(),
                transformations=[SimpleFileNodeParser()],
            )
            for store in self._stores
        ]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what Chroma raises into an error of ours."""
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        # An AttributeError is what chromadb 1.5.9 stumbles over when it tidies up after a store it could not open.
        except (ChromaError, httpx.HTTPError, ValueError, OSError, RuntimeError, AttributeError) as error:
            raise StoreError(
                f"the vector store at {self._location} cannot be used: {error}. "
                "`python -m rag doctor` says what is wrong with it, and `doctor --repair` makes it anew from the ledger."
            ) from error


def _give_back() -> None:
    """Return to the system what Chroma has freed: glibc keeps it otherwise, a third of the process after 24,000 passages."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # musl has none
        trim(0)


def passage_name(document: str, sha256: str, start: int, end: int) -> str:
    """What the vector store calls a passage."""
    return f"{document}:{sha256[:16]}:{start}-{end}"


def _place(metadata: dict[str, Any], score: float) -> Place:
    edges = (pair.split("-") for pair in str(metadata["sentences"]).split())
    return Place(
        document=str(metadata["document"]),
        sha256=str(metadata["sha256"]),
        start=int(metadata["start"]),
        end=int(metadata["end"]),
        sentences=tuple(Span(int(start), int(end)) for start, end in edges),
        score=score,
    )
