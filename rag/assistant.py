"""The assistant: it alone knows the order of the stages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from rag import answer
from rag.citations import breaches
from rag.config import Config
from rag.conversation import meanings
from rag.corpus import read_paths
from rag.declining import declines
from rag.embedding import Embedder, HashingEmbedder, SentenceTransformerEmbedder, Vector
from rag.errors import DocumentError
from rag.formats.article import Refusal
from rag.indexing import Mapper, Progress
from rag.language import detect_language
from rag.library import Library
from rag.questions import asks, checked_question
from rag.reader import ARTEFACT, Reader, Reading, SimilarityReader, TrainedReader
from rag.records import Answer, Document, Event, Hit, Support, Turn
from rag.retrieval import CANDIDATES, Retriever

History = Sequence[Turn | tuple[str, str]]


class Assistant:
    """Answers questions from a library of documents, in their words, and manages that library."""

    def __init__(self, config: Config, library: Library, embedder: Embedder, reader: Reader) -> None:
        """Keep finished parts; `Assistant.open` makes them."""
        self.config = config
        self.library = library
        self._embedder = embedder
        self._reader = reader
        self._retriever = Retriever(library)

    @classmethod
    def open(cls, config: Config | None = None, *, warm: bool = True, **overrides: Any) -> Self:
        """A ready assistant; a context manager.

        Args:
            config: default `Config.load(**overrides)`.
            warm: load the models, check the store, and fill it from the corpus where it was never filled. Without, each
                happens when first needed, but for the filling.
            **overrides: fields of `Config`.

        Raises:
            RagError: a setting, the store, the corpus or the model is not as it must be.
        """
        config = replace(config, **overrides) if config else Config.load(**overrides)
        testing = config.embedder == "hashing"
        embedder = HashingEmbedder() if testing else SentenceTransformerEmbedder(config.embedder, home=config.home)
        untrained = testing or config.reader == "similarity" or not ARTEFACT.exists()
        library = Library(config.home, config.store, embedder, ledger=config.ledger)
        assistant = cls(
            config, library, embedder, SimilarityReader(embedder) if untrained else TrainedReader(config.home, embedder)
        )
        if warm:
            try:
                assistant.warm()
            except BaseException:
                assistant.close()
                raise
        return assistant

    def warm(self) -> None:
        """Load what the first question would load, and fill a store that was never filled."""
        self.library.check()
        if self.library.is_new:
            self.add(self.config.corpus)
        else:
            self.library.recover()
        self.search("warm up", k=1)

    def close(self) -> None:
        """Let go of every file; safe to call twice."""
        self.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        language: str | None = None,
        documents: Sequence[str] | None = None,
    ) -> Answer:
        """Answer a question from the documents, or decline.

        Args:
            question: in any language.
            history: earlier (question, answer) turns, oldest first.
            language: BCP 47 tag to answer in; default: the question's.
            documents: ids to search in; None is all.

        Raises:
            QuestionError: the question cannot be asked.
            UnknownDocument: one of `documents` does not exist.
            StoreError: the store cannot be read.
        """
        *_, last = self.stream(question, history=history, language=language, documents=documents)
        assert last.answer is not None  # noqa: S101  (a stream ends with its answer)
        return last.answer

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        language: str | None = None,
        documents: Sequence[str] | None = None,
    ) -> Iterator[Event]:
        """The same step by step; every sentence is checked before it is given, and the last event holds the answer."""
        started = perf_counter()
        question = checked_question(question)
        vector = self._embedder.queries([question])[0]
        yield from self._stream(question, vector, _turns(history), language, documents, started)

    def ask_many(
        self, questions: Iterable[str], *, language: str | None = None, documents: Sequence[str] | None = None
    ) -> list[Answer]:
        """One answer for each question, in order; they are embedded in one batch."""
        asked = [checked_question(question) for question in questions]
        vectors = self._embedder.queries(asked)
        answers: list[Answer] = []
        for question, vector in zip(asked, vectors, strict=True):
            *_, last = self._stream(question, vector, [], language, documents, perf_counter())
            answers += [last.answer] if last.answer else []
        return answers

    async def aask(self, question: str, **options: Any) -> Answer:
        """`ask` on a thread of its own, so that the event loop goes on."""
        return await asyncio.to_thread(self.ask, question, **options)

    async def astream(self, question: str, **options: Any) -> AsyncIterator[Event]:
        """`stream` on a thread of its own, so that the event loop goes on."""
        events = self.stream(question, **options)
        while event := await asyncio.to_thread(next, events, None):
            yield event

    def search(self, question: str, k: int = 5, *, documents: Sequence[str] | None = None) -> list[Hit]:
        """The k passages closest to a question, best first; no answer is written."""
        question = checked_question(question)
        return self._retrieve(question, self._embedder.queries([question])[0], k, documents)

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """Whether each passage supports a statement, contradicts it, or neither, in any pair of languages.

        Raises:
            ModelError: the trained reader is not there or not chosen.
        """
        return self._reader.support(statement, passages)

    def add(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        progress: Progress | None = None,
        refused: Callable[[Refusal], None] | None = None,
        mapper: Mapper | None = None,
    ) -> list[Document]:
        """Add or refresh the documents at one or more paths: a corpus folder, or files and folders of files of many kinds.

        Args:
            paths: also `http://` and `https://` addresses, where `Config.network` allows it.
            progress: told each step.
            refused: told what cannot be read and why, and the rest goes on. Without it, the first such thing is an error; then
                all is read before any is stored, so that it leaves the library as it was.
            mapper: has files read, split and embedded elsewhere; `rag.cluster.Cluster` is one.

        Returns:
            The documents whose text was new.

        Raises:
            DocumentError: something cannot be read, and there is no `refused`.
        """
        chosen = [paths] if isinstance(paths, str | Path) else paths
        tell = progress or (lambda _: None)
        found = read_paths(chosen, self.config, self.library.find, network=self.config.network, progress=tell, mapper=mapper)
        if refused:
            return self.library.add(_readable(found, refused), tell, mapper=mapper)
        return self.library.add(list(_readable(found, _fail)), tell, mapper=mapper)

    def remove(self, document: str) -> None:
        """Take a document out of the library; raises `UnknownDocument`."""
        self.library.remove(document)

    def documents(self) -> list[Document]:
        """Every document of the library, in the order in which they were first added."""
        return self.library.documents()

    def document(self, identifier: str) -> Document:
        """One document of the library; raises `UnknownDocument`."""
        return self.library.document(identifier)

    def _stream(
        self,
        question: str,
        vector: Vector,
        history: list[Turn],
        language: str | None,
        documents: Sequence[str] | None,
        started: float,
    ) -> Iterator[Event]:
        embedded = perf_counter()
        otherwise = detect_language(history[-1].question) if history else "en"
        spoken = language or detect_language(question, otherwise=otherwise)
        yield Event("stage", "searching")
        readings, confidence, searching = list[Reading](), 0.0, 0.0
        for meaning, weight in meanings(question, history):
            if readings and self._declines(weight):
                break  # whatever is found, it would not count for enough
            began = perf_counter()
            asked = vector if meaning == question else self._embedder.queries([meaning])[0]
            hits = self._retrieve(meaning, asked, documents=documents)
            searching += perf_counter() - began
            if not readings:
                yield Event("stage", "reading")
            found, probability = self._read(meaning, hits)
            if not readings or probability * weight > confidence:
                readings, confidence = found, probability * weight
        if self._declines(confidence):
            result = answer.decline(question, spoken, readings)
        else:
            result = answer.quote(question, spoken, [readings[0], *self._of_another_date(readings)])
        if problems := breaches(result, self.library.revision):
            result = answer.decline(question, spoken, readings, problems)
        done = perf_counter()
        timings = {
            "embed": embedded - started,
            "retrieve": searching,
            "answer": done - embedded - searching,
            "total": done - started,
        }
        result = replace(
            result,
            confidence=round(confidence, 4),
            manifest=self.library.manifest | {"reader": self._reader.name},
            timings_ms={stage: round(seconds * 1000, 1) for stage, seconds in timings.items()},
        )
        for sentence in result.sentences:
            yield Event("sentence", sentence.marked)
        yield Event("answer", result.text, result)

    def _retrieve(self, question: str, vector: Vector, k: int = CANDIDATES, documents: Sequence[str] | None = None) -> list[Hit]:
        for identifier in documents or ():
            self.library.document(identifier)
        return self._retriever.search(question, vector, k, documents)

    def _read(self, question: str, hits: Sequence[Hit]) -> tuple[list[Reading], float]:
        """What each sentence of the hits is worth, best first, and the probability that one of them answers; questions do not."""
        cited = {name: self.library.searched_document(name) for name in {hit.passage.document for hit in hits}}
        readings = [r for r in self._reader.read(question, hits, cited) if not asks(r.quote)] if hits else []
        return readings, self._reader.calibration.probability([reading.score for reading in readings])

    def _of_another_date(self, readings: Sequence[Reading]) -> list[Reading]:
        """The best sentence of a document of another date that answers for certain as well: news may have moved on."""
        best = readings[0].document
        others = [r for r in readings if r.document.id != best.id]
        dated = [r for r in others if r.document.date and best.date and r.document.date != best.date]
        if not dated or self._declines(self._reader.calibration.probability([r.score for r in others])):
            return []
        return [r for r in dated[:1] if r.score == others[0].score]

    def _declines(self, confidence: float) -> bool:
        return declines(confidence, self._reader.calibration, self.config.risk)


def _turns(history: History) -> list[Turn]:
    return [turn if isinstance(turn, Turn) else Turn(*turn) for turn in history]


def _readable(found: Iterable[Document | Refusal], refused: Callable[[Refusal], None]) -> Iterator[Document]:
    """The documents among what was found; the rest is told."""
    for one in found:
        if isinstance(one, Refusal):
            refused(one)
        else:
            yield one


def _fail(refusal: Refusal) -> None:
    if not refusal.passed_over:
        raise DocumentError(str(refusal))
