"""What is wrong with a store: ledger and index compared, every finding named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from rag import passages
from rag.embedding import Matrix, Vector
from rag.errors import StoreError
from rag.index import Index, passage_name
from rag.ledger import Ledger
from rag.records import Document

ALIKE = 0.9999
"""Cosine of a kept vector and the index's, below which they are not the same; rounding to float32 moves it by 0.0000001."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A finding, and what mends it.

    `kind` is "document" where one must be indexed anew, "index" where all must, "ledger" where the text itself must be added
    again, "rest" where whoever writes next drops what nobody needs.
    """

    kind: Literal["document", "index", "ledger", "rest"]
    what: str
    document: str = ""

    def __str__(self) -> str:
        """The finding as a sentence."""
        return self.what


def find(ledger: Ledger, index: Index) -> Iterator[Damage]:
    """Every damage; none in a store that is whole and finished. Reads all of it, 1,000 passages at a time.

    Args:
        ledger: of the library.
        index: the collection that is searched; its name is empty where there is none yet.
    """
    name = index.collection
    for document, sha256 in ledger.hashes():
        if document.sha256 != sha256:
            yield Damage("ledger", f"the text of {document.id!r} is not the one of its hash: index its file again", document.id)
    for identifier in ledger.pending(name):
        yield Damage("document", f"document {identifier!r} is not indexed to the end", identifier)
    for identifier in ledger.leaving(name):
        yield Damage("document", f"document {identifier!r} was removed, but not yet from the index", identifier)
    if building := ledger.get("building"):
        yield Damage("rest", f"a rebuild was interrupted (collection {building!r})")
    if not name:
        return
    try:
        known = index.names(f"kutip-{ledger.get('library')}-")
        yield from (Damage("rest", f"collection {other!r} is left over") for other in known if other not in {name, building})
        yield from _passages(ledger, index)
    except StoreError as error:
        yield Damage("index", str(error))


def _passages(ledger: Ledger, index: Index) -> Iterator[Damage]:
    """Compare the passages that the index holds with those that the ledger says it holds."""
    embedder = json.loads(ledger.get("manifest"))["identity"]
    held = {document.id: document for document in ledger.found(index.collection)}
    expected = {name: (d.id, row) for d in held.values() for row, name in enumerate(_names(d))}

    @lru_cache(100)  # passages of a document come one after the other
    def kept(identifier: str) -> Matrix | None:
        return ledger.vectors(held[identifier], embedder)

    for place, vector in index.stored():
        name = place.name
        document, (_, row) = held.get(place.document), expected.pop(name, ("", -1))
        if document is None:
            yield Damage("document", f"passage {name!r} belongs to no document of the library", place.document)
        elif place.sha256 != document.sha256:
            yield Damage("document", f"passage {name!r} is of another revision than its document", document.id)
        elif row < 0:
            yield Damage("document", f"passage {name!r} is not one of its document's", document.id)
        elif (made := kept(document.id)) is not None and (row >= len(made) or _differ(made[row], vector)):
            yield Damage("document", f"the vector of passage {name!r} is not the one that was made for it", document.id)
    for name, (identifier, _) in expected.items():
        yield Damage("document", f"passage {name!r} is missing from the index", identifier)


def _names(document: Document) -> list[str]:
    return [passage_name(p.document, document.sha256, p.start, p.end) for p in passages.passages(document)]


def _differ(one: Vector, other: Vector) -> bool:
    return float(one @ other) < ALIKE * float(np.linalg.norm(one) * np.linalg.norm(other))
