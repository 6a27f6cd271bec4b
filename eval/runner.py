"""Asking: every case of a suite goes through the whole system; each result is written at once, so that a stopped run resumes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from eval.cases import Case, CaseError, Place, Suite, conversations
from rag.assistant import Assistant, History
from rag.config import Config
from rag.errors import StoreMismatch
from rag.packaged import FOLDER, packaged_model
from rag.records import Answer, Hit, Step, Support

DEPTH = 50
"""Passages that are looked at for retrieval metrics."""
BATCH = 16


class Asked(Protocol):
    """What is measured: an assistant, or a test double."""

    def ask(self, question: str, *, history: History = (), documents: Sequence[str] | None = None) -> Answer:
        """One answer."""

    def ask_many(self, questions: Sequence[str], *, documents: Sequence[str] | None = None) -> list[Answer]:
        """Answers in order."""

    def search(self, question: str, k: int = 5, *, documents: Sequence[str] | None = None) -> list[Hit]:
        """Passages, best first."""

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """What each passage is to a statement."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the system did with one case; a part that was not asked for is None."""

    case: str
    answer: Answer | None = None
    hits: tuple[Place, ...] | None = None
    support: Support | None = None


Progress = Callable[[int, int], None]
"""Told how many cases are done and how many there are."""

_RESULT = TypeAdapter(Result)


@contextmanager
def opened(config: Config, suite: Suite, folder: Path, progress: Progress) -> Iterator[Assistant]:
    """An assistant configured as the product, whose library holds the suite's documents and nothing else.

    Args:
        config: the product's configuration.
        suite: whose documents are indexed.
        folder: holds the index, and keeps it for the next run of the same documents.
        progress: told of documents as they are indexed.
    """

    def tell(step: Step) -> None:
        if step.stage == "storing":
            progress(step.done, step.total)

    folder.mkdir(parents=True, exist_ok=True)
    if config.embedder == "packaged" and not (folder / FOLDER).exists():
        (folder / FOLDER).symlink_to(packaged_model(config.home), target_is_directory=True)
    with Assistant.open(replace(config, home=folder, store="", ledger=""), warm=False) as assistant:
        try:
            assistant.library.check()
        except StoreMismatch:
            assistant.library.rebuild(tell)
        assistant.library.add(suite.documents, tell)
        assistant.warm()
        yield assistant


def run(suite: Suite, asked: Asked, journal: Path, *, progress: Progress = lambda *_: None, at_once: int = 1) -> list[Result]:
    """Ask every case that the journal does not hold yet, and give all results in the suite's order.

    Args:
        suite: the cases.
        asked: the assistant, with the suite's documents.
        journal: a JSONL file, one result a line, appended to.
        progress: told after each batch.
        at_once: batches asked at the same time; a turn still waits for those before it.

    Raises:
        CaseError: the journal is not one of ours.
        RagError: what the assistant raised; results so far are kept.
    """
    results = {result.case: result for result in read_journal(journal)}
    journal.parent.mkdir(parents=True, exist_ok=True)
    todo = sorted((case for case in suite.cases if case.id not in results), key=lambda case: len(case.after))
    with journal.open("ab") as file, ThreadPoolExecutor(at_once) as pool:
        for _, turns in groupby(todo, key=lambda case: len(case.after)):
            batches = _batches(list(turns), BATCH if suite.batched else 1)
            for found in pool.map(lambda batch: _results(batch, asked, suite.part, results), batches):
                for result in found:
                    results[result.case] = result
                    file.write(_RESULT.dump_json(result) + b"\n")
                file.flush()
                progress(len(results), len(suite.cases))
    return [results[case.id] for case in suite.cases]


def read_journal(path: Path) -> list[Result]:
    """The results of a journal; a last line that a stopped run left unfinished is cut off.

    Raises:
        CaseError: another line is not a result.
    """
    if not path.exists():
        return []
    whole, _, rest = path.read_bytes().rpartition(b"\n")
    if rest:
        with path.open("rb+") as file:
            file.truncate(len(whole) + bool(whole))
    try:
        return [_RESULT.validate_json(line) for line in whole.splitlines()]
    except ValidationError as error:
        raise CaseError(f"{path} is not a journal of results ({error.error_count()} faults); delete it to start again") from error


def _batches(cases: Sequence[Case], size: int) -> Iterator[Sequence[Case]]:
    for run_ in conversations(cases):
        yield from (run_[at : at + size] for at in range(0, len(run_), size))


def _results(batch: Sequence[Case], asked: Asked, part: str, earlier: dict[str, Result]) -> list[Result]:
    first, documents = batch[0], batch[0].documents
    if part == "support":
        return [Result(c.id, support=asked.support(c.question, [c.premise])[0]) for c in batch]
    answers: Sequence[Answer | None] = [None] * len(batch)
    if part == "answers" and len(batch) > 1:
        answers = asked.ask_many([c.question for c in batch], documents=documents)
    elif part == "answers":
        turns = [turn for name in first.after if (turn := earlier[name].answer)]
        answers = [asked.ask(first.question, history=[(t.question, t.text) for t in turns], documents=documents)]
    return [Result(c.id, answer, None if c.after else _hits(c, asked)) for c, answer in zip(batch, answers, strict=True)]


def _hits(case: Case, asked: Asked) -> tuple[Place, ...]:
    found = asked.search(case.question, DEPTH, documents=case.documents)
    return tuple(Place(hit.passage.document, hit.passage.start, hit.passage.end) for hit in found)
