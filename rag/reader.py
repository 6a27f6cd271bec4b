"""Question + hits -> which sentence answers, in which words, and how likely it is that one does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter

from rag.declining import Calibration
from rag.embedding import Embedder, Vector
from rag.errors import ModelError
from rag.packaged import packaged_model
from rag.records import Document, Hit, Span, Support

if TYPE_CHECKING:
    from rag.cross_encoder import CrossEncoder

ARTEFACT = Path(__file__).with_name("reader.safetensors")
CLOSENESS = 50.0
"""Log-odds that a sentence loses for each unit of cosine by which its passage is behind the closest that may answer.

On development questions 10 to 50 did alike; the right sentence came first for 61 % instead of 60 over its own document, and for
57 instead of 54 over twenty-one (114 and 148 questions in 24 languages): within chance, but free.
"""
PLAUSIBLE = 3.0
"""Log-odds behind the best within which a sentence may well be the answer; only passages that hold one say how close is close.

A headline that asks the very question is the closest of all and answers nothing. With one beside the document 21 of 90
development questions were answered rightly, instead of 47; measured so, 43. Without one no difference.
"""
REMEMBERED = 20_000
"""Sentences whose vectors the untrained reader keeps, 1.5 kB each: readers ask several questions of the same articles."""
LEAST_WORDS = -2.0
"""Log-odds from which the words that answer are given; below, they share little with the right ones more often."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence of a document, judged as an answer: the higher the score, the likelier; units are the reader's own."""

    document: Document
    span: Span
    score: float
    words: Span | None = None
    """The words within the sentence that answer, where the reader can tell."""

    @property
    def quote(self) -> str:
        """The sentence's exact words."""
        return self.document.text[self.span.start : self.span.end]


class Reader(Protocol):
    """Reads a question with passages."""

    @property
    def name(self) -> str:
        """Which reader, and which revision of it."""

    @property
    def calibration(self) -> Calibration:
        """Turns its scores into the probability that the documents answer."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """The sentences of the hits that were read, each once, best first."""

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """What each passage is to a statement.

        Raises:
            ModelError: this reader cannot tell.
        """


class SimilarityReader:
    """Needs no training: a sentence answers as far as its vector, behind the article's title, is close to the question's.

    With the title in front, the right sentence of a news article came first for 55 % of 388 questions in 24 languages,
    without it for 47 % (NTREX documents 104-122 in Indonesian, our own questions).
    """

    name = "similarity"
    # Logistic regression on 528 questions with their own article and 528 with another one (same set as above); AUROC 0.65
    # on near misses, 0.97 on questions that are far off. The risks were measured on all 1,056, half of them far off.
    calibration = Calibration(
        best=40.1, margin=40.9, bias=-34.2, thresholds=((0.18, 0.7), (0.21, 0.6), (0.24, 0.5), (0.28, 0.4), (0.30, 0.3))
    )

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vector] = {}

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Scores are cosines."""
        documents = _documents(hits)
        places = sentences_of(hits)
        texts = [f"{documents[d].title}\n{documents[d].text[s.start : s.end]}" for d, s in places]
        asked = self._embedder.queries([question])[0]
        scores = [vector @ asked for vector in self._vectors(texts)]
        readings = [Reading(documents[d], s, float(score)) for (d, s), score in zip(places, scores, strict=True)]
        return sorted(readings, key=lambda reading: -reading.score)

    def _vectors(self, texts: Sequence[str]) -> list[Vector]:
        known = self._known
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known = known | dict(zip(new, self._embedder.passages(new), strict=True))
        self._known = known if len(known) <= REMEMBERED else {}
        return [known[text] for text in texts]

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:  # noqa: ARG002
        """Similarity is no support: a passage is as close to a statement as to its opposite."""
        raise ModelError("whether a passage supports a statement takes the trained reader; set RAG_READER=trained")


class TrainedReader:
    """A multilingual cross-encoder, trained by us (see `training/README.md`), that reads a question with each passage."""

    def __init__(self, home: Path, artefact: Path = ARTEFACT) -> None:
        """Nothing is loaded until it is needed; then it takes half a second.

        Args:
            home: holds the packaged embedder, whose vocabulary and embeddings the reader shares.
            artefact: the weights.
        """
        self._home, self._artefact = home, artefact

    @cached_property
    def _encoder(self) -> "CrossEncoder":
        from rag.cross_encoder import load

        return load(self._artefact, packaged_model(self._home))

    @property
    def name(self) -> str:
        """The revision of the weights."""
        return f"trained {self._encoder.about['revision']}"

    @cached_property
    def calibration(self) -> Calibration:
        """Kept with the weights, since it was measured with them."""
        return TypeAdapter(Calibration).validate_json(self._encoder.about["calibration"])

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Scores are log-odds that the sentence answers, against that nothing in its passage does, less `CLOSENESS`.

        What was retrieved first is read first; what is beyond the reader's measure of tokens is left out.
        """
        from rag.cross_encoder import Window

        rank = {place: n for n, place in enumerate(sentences_of(hits))}
        stretches = sorted(stretches_of(hits), key=lambda s: min(rank[s[0].id, span] for span in s[1]))
        windows = [
            Window(
                d.title,
                d.text[spans[0].start : spans[-1].end],
                tuple((s.start - spans[0].start, s.end - spans[0].start) for s in spans),
            )
            for d, spans in stretches
        ]
        closest = _closest(hits)
        readings = []
        for (document, spans), read in zip(stretches, self._encoder.read(question, windows), strict=False):
            for span, score, words in zip(spans, read.sentences, read.spans, strict=True):
                at = spans[0].start
                given = words and words.score > LEAST_WORDS and words.start < words.end
                found = Span(at + words.start, at + words.end) if words and given else None
                readings.append(Reading(document, span, score, found))
        least = max((reading.score for reading in readings), default=0.0) - PLAUSIBLE
        near = max((closest[r.document.id, r.span] for r in readings if r.score >= least), default=0.0)
        weighed = [replace(r, score=r.score - CLOSENESS * max(0.0, near - closest[r.document.id, r.span])) for r in readings]
        return sorted(weighed, key=lambda reading: -reading.score)

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """What each passage is to a statement, in any pair of languages."""
        return self._encoder.support(statement, passages)


def sentences_of(hits: Sequence[Hit]) -> list[tuple[str, Span]]:
    """The distinct sentences of overlapping passages, as (document id, span), in order of their best passage."""
    return list(dict.fromkeys((hit.passage.document, span) for hit in hits for span in hit.passage.sentences))


def _documents(hits: Sequence[Hit]) -> dict[str, Document]:
    return {hit.passage.document: hit.document for hit in hits}


def _closest(hits: Sequence[Hit]) -> dict[tuple[str, Span], float]:
    """The cosine of each sentence's closest passage."""
    closest: dict[tuple[str, Span], float] = {}
    for hit in hits:
        for span in hit.passage.sentences:
            place = hit.passage.document, span
            closest[place] = max(hit.score, closest.get(place, hit.score))
    return closest


def stretches_of(hits: Sequence[Hit], longest: int = 4) -> Iterator[tuple[Document, tuple[Span, ...]]]:
    """The sentences of the hits, each once, with the neighbours that were found too: runs of up to `longest` sentences.

    Overlapping passages read one by one would have most sentences read three times.
    """
    documents = _documents(hits)
    for identifier, places in groupby(sorted(sentences_of(hits), key=lambda p: (p[0], p[1].start)), key=lambda p: p[0]):
        document, run = documents[identifier], list[Span]()
        for _, span in places:
            if run and (len(run) == longest or document.text[run[-1].end : span.start].strip()):
                yield document, tuple(run)
                run = []
            run.append(span)
        yield document, tuple(run)
