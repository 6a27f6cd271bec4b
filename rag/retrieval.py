"""Question -> hits: by vector and by words, fused, with room for every language of the library."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from rag.embedding import Vector
from rag.index import Place
from rag.keywords import Keywords
from rag.library import Library
from rag.records import Hit

CANDIDATES = 10
"""Passages that are read for one question."""
WEIGHT = 0.2
"""What holding all of a question's words is worth, in cosine. From 0.05 to 0.5 all is better than without: right passage first
for 164 of our Indonesian development questions 0.60 -> 0.65 at 0.2, for 492 in other languages 0.48 as before."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was found, and what speaks for it."""

    place: Place
    share: float
    """Of the question's words, by `Keywords.shares`."""
    language: str

    @property
    def score(self) -> float:
        """Likeness of meaning, and the words on top. Having no word in common, as across languages, takes nothing off."""
        return self.place.score + WEIGHT * self.share


def fuse(candidates: Sequence[Candidate], k: int) -> list[Candidate]:
    """The k best candidates; where they are in several languages, the best of each language among them.

    Vectors of one language lie closer together, so that passages in the question's language would take every place. Half
    the places go by score alone, each of the others to the language that has had fewest.
    """
    left = sorted(candidates, key=lambda candidate: -candidate.score)
    chosen, left = left[: k - k // 2], left[k - k // 2 :]
    taken = Counter(candidate.language for candidate in chosen)
    while left and len(chosen) < k:
        fewest = min(left, key=lambda candidate: taken[candidate.language])
        taken[fewest.language] += 1
        left.remove(fewest)
        chosen.append(fewest)
    return sorted(chosen, key=lambda candidate: -candidate.score)


class _Catalogue:
    """What the index holds at one generation, as far as it must be in memory: places, their languages and words."""

    def __init__(self, generation: int, library: Library) -> None:
        documents = {(document.id, document.sha256): document for document in library.searched()}
        self.generation = generation
        self.languages = {document.id: document.language for document in documents.values()}
        self.places = [place for place in library.places() if (place.document, place.sha256) in documents]
        self._rows = {place.name: row for row, place in enumerate(self.places)}
        self._owners = np.array([place.document for place in self.places])
        texts = (documents[place.document, place.sha256] for place in self.places)
        self._keywords = Keywords([f"{d.title}\n{d.text[p.start : p.end]}" for d, p in zip(texts, self.places, strict=True)])

    def shares(self, question: str, documents: Sequence[str] | None) -> Vector:
        """Of the question's words, for each place; nothing in documents that are not searched."""
        shares = self._keywords.shares(question)
        return shares if documents is None else np.where(np.isin(self._owners, list(documents)), shares, 0)

    def row(self, place: Place) -> int | None:
        """Which of `places` it is."""
        return self._rows.get(place.name)


class Retriever:
    """Finds passages of a library, whichever process writes to it meanwhile."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._last: _Catalogue | None = None

    def search(self, question: str, vector: Vector, k: int = CANDIDATES, documents: Sequence[str] | None = None) -> list[Hit]:
        """The k passages most likely to answer, best first.

        Args:
            question: its words.
            vector: its unit vector.
            k: how many at most.
            documents: ids to search in; None is all.
        """
        if documents is not None and not documents:
            return []
        catalogue = self._catalogue()
        shares = catalogue.shares(question, documents)
        best = np.argsort(-shares, kind="stable")[:k]
        found = self._library.similarities(vector, [catalogue.places[row] for row in best if shares[row] > 0])
        searched = catalogue.languages if documents is None else documents
        languages = {catalogue.languages[name] for name in searched if name in catalogue.languages}
        for language in languages if len(languages) > 1 else (None,):
            found += self._library.nearest(vector, k, documents, language=language)
        candidates = {
            row: Candidate(place, float(shares[row]), catalogue.languages[place.document])
            for place in found
            if (row := catalogue.row(place)) is not None
        }
        return self._library.hits([candidate.place for candidate in fuse(list(candidates.values()), k)])

    def _catalogue(self) -> _Catalogue:
        """What is indexed now: read anew when that has changed, else from memory."""
        with self._lock:
            generation = self._library.generation
            if self._last is None or self._last.generation != generation:
                self._last = _Catalogue(generation, self._library)
            return self._last
