"""Passages <-> Chroma, through llama-index's vector store and retriever.

In a folder, an index is one or more Chroma collections, its shards, of which the last takes what is new: so a process that only
adds holds one shard's graph in memory, however many passages there are. Who asks or takes out holds them all. A server holds its
graphs itself; there an index has one shard.

What comes back are places (document, start, end), never text: the words are cut from the ledger's document, so that
nothing the vector store holds can put words into a citation.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import numpy as np

from rag.chroma import Chroma, give_back
from rag.embedding import Matrix, Vector
from rag.records import Document, Passage, Span

if TYPE_CHECKING:
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

    @property
    def name(self) -> str:
        """What the vector store calls the passage."""
        return passage_name(self.document, self.sha256, self.start, self.end)


NEVER = 10**9
"""Changes after which Chroma writes a collection's graph to disk: not while others may look at it.

It writes the graph over the old one in place. Killed meanwhile, it cannot open it again (2 of 25 kills at 10 changes), and a
process that reads meanwhile fails (412 of 434 reads at 1,000, none at `NEVER`). So a graph is written while nobody knows its
collection; from then on changes stay in Chroma's own log, which SQLite keeps whole, and are applied again on opening.
"""
BUILDING = 5000
"""The same while a collection is built, and the most passages in one call: Chroma refuses more than 5,461."""
SHARD = 15_000
"""Passages of a shard: a multiple of `BUILDING`, so that all of it is on disk, and below 16,384, where the graph's room doubles."""
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
        self._chroma = Chroma(location)
        self.collection = collection
        self._building = False

    def create(self, *, building: bool = False) -> None:
        """Make the index where there is none; `building`: nobody looks at it before `settle`."""
        self._building = building
        with self._chroma.translated():
            self._begin(self.collection)

    def _begin(self, shard: str) -> None:
        configuration: Any = {"hnsw": _CONFIGURATION | {"sync_threshold": BUILDING if self._building else NEVER}}
        self._chroma.client.get_or_create_collection(shard, configuration=configuration, embedding_function=None)

    def settle(self) -> None:
        """Write the graphs to disk no more: from now on others look at them."""
        self._building = False
        with self._chroma.translated(), catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # Chroma's, that we let it embed nothing
            for store in self._stores:
                store.client.modify(configuration={"hnsw": {"sync_threshold": NEVER}})

    def names(self, prefix: str) -> list[str]:
        """The indexes whose names begin so."""
        with self._chroma.translated():
            return sorted({_owner(c.name) for c in self._chroma.client.list_collections() if c.name.startswith(prefix)})

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
        with self._chroma.translated():
            self._chroma.writable()
            while nodes:
                shard, room = self._roomy()
                shard.add(nodes[:room])
                nodes = nodes[room:]
        give_back()

    def _roomy(self) -> "tuple[ChromaVectorStore, int]":
        """The last shard, or a new one where it is full, and how many passages go in until its graph is written."""
        count = 0 if self._chroma.remote else self._stores[-1].client.count()
        if count >= SHARD:
            following, count = f"{self.collection}.{len(self._stores)}", 0
            self.close()  # and with it the graph of what is full
            self._begin(following)
        return self._stores[-1], BUILDING - count % BUILDING

    def remove(self, document: str, *, only: str = "", but: str = "") -> None:
        """Drop the passages of a document: all, `only` those of one revision, or all `but` those of one."""
        revision: Any = {"$eq": only} if only else {"$ne": but}
        with self._chroma.translated():
            self._chroma.writable()
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
        with self._chroma.translated():
            retrievers = [shard.as_retriever(similarity_top_k=k, filters=limits) for shard in self._llama_indexes]
            found = [node for one in retrievers for node in one.retrieve(QueryBundle("", embedding=vector.tolist()))]
            found.sort(key=lambda node: -(node.score or 0.0))
            # llama-index reports exp(-distance), Chroma's distance is 1 - cosine.
            return [_place(node.metadata, 1 + math.log(node.score or 1e-9)) for node in found[:k]]

    def places(self) -> list[Place]:
        """Every passage, in no order; the score is 0."""
        with self._chroma.translated():
            found = [store.client.get(include=["metadatas"])["metadatas"] or () for store in self._stores]
        return [_place(metadata, 0.0) for of_shard in found for metadata in of_shard]

    def stored(self) -> Iterator[tuple[Place, Vector]]:
        """Every passage with its vector, read a thousand at a time; the score is 0."""
        with self._chroma.translated():
            for store in self._stores:
                first = 0
                while (page := store.client.get(include=["metadatas", "embeddings"], limit=1000, offset=first))["ids"]:
                    first += len(page["ids"])
                    for metadata, vector in zip(page["metadatas"] or (), np.asarray(page["embeddings"], np.float32), strict=True):
                        yield _place(metadata, 0.0), vector

    def similarities(self, vector: Vector, places: Sequence[Place]) -> list[Place]:
        """Those of the places that are stored, each with its closeness to the question's vector."""
        by_name = {place.name: place for place in places}
        if not by_name:
            return []
        near: list[Place] = []
        with self._chroma.translated():
            for store in self._stores:
                found = store.client.get(ids=list(by_name), include=["embeddings"])
                if found["ids"]:
                    scores = np.asarray(found["embeddings"], np.float32) @ vector
                    near += [replace(by_name[name], score=float(s)) for name, s in zip(found["ids"], scores, strict=True)]
        return near

    def drop(self) -> None:
        """Delete the index, and its graphs; only for the one who writes."""
        from chromadb.errors import NotFoundError

        with self._chroma.translated():
            for shard in self._shards():  # the first goes first: who opens the index meanwhile finds it gone, not half of it
                with suppress(NotFoundError):
                    self._chroma.client.delete_collection(shard)
        self._chroma.clear()

    def discard(self) -> None:
        """Put a folder that Chroma cannot open out of the way; a server's is its own affair."""
        self.close()
        self._chroma.discard()

    def close(self) -> None:
        """Let go of the store; the next use opens it again and sees what other processes wrote."""
        for name in ("_stores", "_llama_indexes"):
            self.__dict__.pop(name, None)
        self._chroma.close()

    def _shards(self) -> list[str]:
        """Names of the shards, in the order in which they were begun; the first is one even where it is not there."""
        own = {self.collection, *(c.name for c in self._chroma.client.list_collections() if _owner(c.name) == self.collection)}
        return sorted(own, key=lambda name: int(name.partition(".")[2] or 0))

    @cached_property
    def _stores(self) -> "list[ChromaVectorStore]":
        from llama_index.vector_stores.chroma import ChromaVectorStore

        shards = [self._chroma.client.get_collection(name, embedding_function=None) for name in self._shards()]
        return [ChromaVectorStore(chroma_collection=shard) for shard in shards]

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


def passage_name(document: str, sha256: str, start: int, end: int) -> str:
    """What the vector store calls a passage."""
    return f"{document}:{sha256[:16]}:{start}-{end}"


def _owner(shard: str) -> str:
    """The index that a shard belongs to."""
    return shard.partition(".")[0]


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
