"""The assistant: it alone knows the order of the stages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from rag import answer
from rag.citations import breaches
from rag.config import Config
from rag.conversation import leaning, meanings
from rag.corpus import read_paths
from rag.embedding import Embedder, HashingEmbedder, SentenceTransformerEmbedder, Vector
from rag.errors import DocumentError, LanguageModelError
from rag.formats.article import Refusal
from rag.formats.reading import Upload
from rag.indexing import Mapper
from rag.language import detect_language
from rag.language_model import LanguageModel, Meter
from rag.library import Library
from rag.questions import asks, checked_question
from rag.reader import ARTEFACT, Reader, Reading, SimilarityReader, TrainedReader
from rag.records import Answer, Document, Event, Hit, Step, Support, Turn
from rag.retrieval import CANDIDATES, Retriever

if TYPE_CHECKING:
    from rag.writer import Writer

History = Sequence[Turn | tuple[str, str]]
ALONE = 0.1
"""The probability of leaning on the turn before below which a language model is not asked what a follow-up means."""


class Assistant:
    """Answers questions from a library of documents, in their words or in checked ones, and manages that library."""

    def __init__(
        self, config: Config, library: Library, embedder: Embedder, reader: Reader, *, writer: "Writer | None" = None
    ) -> None:
        """Keep finished parts; `Assistant.open` makes them."""
        self.config = config
        self.library = library
        self._embedder = embedder
        self._reader = reader
        self._writer = writer
        self._retriever = Retriever(library)

    @classmethod
    def open(
        cls, config: Config | None = None, *, warm: bool = True, language_model: LanguageModel | None = None, **overrides: Any
    ) -> Self:
        """A ready assistant; a context manager.

        Args:
            config: default `Config.load(**overrides)`.
            warm: load the models, check the store, and fill it from the corpus where it was never filled. Without, each
                happens when first needed, but for the filling.
            language_model: words the answers; default: the one that `config.llm` names.
            **overrides: fields of `Config`.

        Raises:
            RagError: a setting, the store, the corpus or the model is not as it must be.
        """
        config = replace(config, **overrides) if config else Config.load(**overrides)
        testing = config.embedder == "hashing"
        embedder = HashingEmbedder() if testing else SentenceTransformerEmbedder(config.embedder, home=config.home)
        untrained = testing or config.reader == "similarity" or not ARTEFACT.exists()
        reader = SimilarityReader(embedder) if untrained else TrainedReader(config.home)
        writer = None
        if language_model or config.llm != "none":  # else nothing of it is loaded
            from rag.writer import Writer

            judge = reader if isinstance(reader, TrainedReader) else None  # similarity is no support
            writer = Writer.open(config, language_model, judge, embedder if config.embedder == "packaged" else None)
        library = Library(config.home, config.store_location, embedder, ledger=config.ledger)
        assistant = cls(config, library, embedder, reader, writer=writer)
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

    def translate(self, answer: Answer) -> Answer:
        """The answer with a language model's translation beside each quote that has none into the answer's language.

        It is a reading aid, marked as machine-made, and left out where it does not pass the gate.

        Raises:
            LanguageModelError: there is none, or it cannot be reached.
        """
        if not self._writer:
            raise LanguageModelError("there is no language model to translate; set RAG_LLM")
        return self._writer.translate(answer, self.config.prices)

    @property
    def translates(self) -> bool:
        """Whether there is a language model to translate."""
        return self._writer is not None

    def add(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        progress: Callable[[Step], None] | None = None,
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
        tell = progress or (lambda _: None)
        documents: Iterable[Document] = self.read(paths, progress=tell, refused=refused or _fail, mapper=mapper)
        if not refused:
            documents = list(documents)
        stored = self.library.add(documents, tell, mapper=mapper)
        return [document for identifier in stored if (document := self.library.find(identifier))]  # another may have removed one

    def read(
        self,
        paths: str | Path | Sequence[str | Path | Upload],
        *,
        refused: Callable[[Refusal], None],
        progress: Callable[[Step], None] | None = None,
        mapper: Mapper | None = None,
    ) -> Iterator[Document]:
        """The documents at some paths, as `add` would add them, one after the other as they are read."""
        chosen: Sequence[str | Path | Upload] = [paths] if isinstance(paths, str | Path) else paths
        tell = progress or (lambda _: None)
        network = self.config.network
        for one in read_paths(chosen, self.config, self.library.find, network=network, progress=tell, mapper=mapper):
            if isinstance(one, Refusal):
                refused(one)
            else:
                yield one

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
        meter = Meter()
        spoken = language or detect_language(question, otherwise=detect_language(history[-1].question) if history else "en")
        alone = yield from self._alone(question, history, meter)
        yield Event("stage", "searching")
        readings, confidence, searching, understood = list[Reading](), 0.0, 0.0, question
        for meaning, weight in meanings(question, history, alone):
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
                readings, confidence, understood = found, probability * weight, meaning
        if self._declines(confidence):
            result = answer.decline(question, spoken, readings)
        else:
            result = answer.quote(question, spoken, [readings[0], *self._of_another_date(readings)])
        if problems := breaches(result, self.library.revision):
            result = answer.decline(question, spoken, readings, problems)

        def finished(result: Answer) -> Answer:
            now = perf_counter()
            answering = now - embedded - searching
            times = {"embed": embedded - started, "retrieve": searching, "answer": answering, "total": now - started}
            return replace(
                result,
                confidence=round(confidence, 4),
                understood=understood if understood == alone != question else "",
                manifest=self.manifest,
                timings_ms={stage: round(seconds * 1000, 1) for stage, seconds in times.items()},
                usage=meter.to_dict(self.config.prices),
            )

        if self._writer and not result.declined:
            yield Event("quotes", result.text, finished(result))
            result = yield from self._writer.reword(result, understood, readings, self.library.revision, meter)
        else:
            for sentence in result.sentences:
                yield Event("sentence", sentence.marked)
        yield Event("answer", result.text, finished(result))

    @property
    def manifest(self) -> dict[str, str]:
        """What answers are made with: the index's parts, the reader, the language model and its prompts."""
        made_with = self.library.manifest | {"reader": self._reader.name}
        return made_with | self._writer.manifest if self._writer else made_with

    def _alone(self, question: str, history: list[Turn], meter: Meter) -> Generator[Event, None, str | None]:
        """What a language model makes of a follow-up that may lean on the turns before, so that it stands alone."""
        if not self._writer or not history or leaning(question) < ALONE:
            return None
        yield Event("stage", "understanding")
        return self._writer.standalone(question, history, meter)

    def _retrieve(self, question: str, vector: Vector, k: int = CANDIDATES, documents: Sequence[str] | None = None) -> list[Hit]:
        for identifier in documents or ():
            self.library.document(identifier)
        return self._retriever.search(question, vector, k, documents)

    def _read(self, question: str, hits: Sequence[Hit]) -> tuple[list[Reading], float]:
        """What each sentence of the hits is worth, best first, and the probability that one of them answers; questions do not."""
        readings = [r for r in self._reader.read(question, hits) if not asks(r.quote)] if hits else []
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
        return self._reader.calibration.declines(confidence, self.config.risk)


def _turns(history: History) -> list[Turn]:
    return [turn if isinstance(turn, Turn) else Turn(*turn) for turn in history]


def _fail(refusal: Refusal) -> None:
    if not refusal.passed_over:
        raise DocumentError(str(refusal))
