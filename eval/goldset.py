"""Our own gold about the corpus, in `eval/gold`: validated while it is loaded, quote by quote."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from eval.cases import Case, CaseError, Place, Suite, parsed
from rag.records import Document

GOLD = Path(__file__).with_name("gold")

_Text = Annotated[str, Field(min_length=1)]


class _Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start: int
    end: int
    quote: _Text


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: _Text
    evidence: Annotated[tuple[_Evidence, ...], Field(min_length=1)]
    answers: dict[str, tuple[_Text, ...]]
    questions: dict[str, tuple[_Text, ...]]


class _Unanswerable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: _Text
    kind: Literal["far", "topic", "near", "false-premise"]
    questions: dict[str, _Text]


class _Turn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: _Text
    evidence: tuple[_Evidence, ...]
    answers: tuple[_Text, ...]
    leans_on_history: bool


class _Dialogue(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: _Text
    language: _Text
    turns: Annotated[tuple[_Turn, ...], Field(min_length=2)]


class _Notes(BaseModel):
    model_config = ConfigDict(extra="forbid")
    document: _Text
    yes_no: dict[str, Literal["yes", "no"]]
    contradicted_by: dict[str, tuple[_Evidence, ...]]
    edits: dict[str, tuple[_Text, _Text]]


class _Gold:
    """The four files of a folder, and the document that they are about."""

    def __init__(self, folder: Path, documents: Sequence[Document]) -> None:
        self._folder = folder
        self.facts = parsed(TypeAdapter(tuple[_Fact, ...]), folder / "facts.json")
        self.unanswerable = parsed(TypeAdapter(tuple[_Unanswerable, ...]), folder / "unanswerable.json")
        self.dialogues = parsed(TypeAdapter(tuple[_Dialogue, ...]), folder / "dialogues.json")
        self.notes = parsed(TypeAdapter(_Notes), folder / "notes.json")
        found = next((d for d in documents if d.id == self.notes.document), None)
        if found is None:
            raise CaseError(f"{folder}: the gold is about {self.notes.document!r}, which is not among the documents")
        self._text = found.text
        self._check_names()

    def places(self, case: str, evidence: Iterable[_Evidence]) -> tuple[Place, ...]:
        """Where the evidence stands; raises `CaseError` where its words do not."""
        for e in evidence:
            if self._text[e.start : e.end] != e.quote:
                raise CaseError(f"{self._folder}: {case}: the quote {e.quote[:60]!r} does not stand at [{e.start}, {e.end})")
        return tuple(Place(self.notes.document, e.start, e.end) for e in evidence)

    def _check_names(self) -> None:
        names = [*(f.id for f in self.facts), *(u.id for u in self.unanswerable), *(d.id for d in self.dialogues)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise CaseError(f"{self._folder}: {twice[0]} occurs twice")
        if unknown := sorted({*self.notes.yes_no, *self.notes.contradicted_by, *self.notes.edits} - set(names)):
            raise CaseError(f"{self._folder}/notes.json: {unknown[0]} is no case")
        for fact in self.facts:
            old, _ = self.notes.edits.get(fact.id, ("", ""))
            if not any(old in e.quote for e in fact.evidence):
                raise CaseError(f"{self._folder}/notes.json: {fact.id}: {old!r} does not stand in its evidence")


def read_gold(documents: Sequence[Document], folder: Path = GOLD) -> Suite:
    """Facts asked in many languages, questions the corpus does not answer, and dialogues.

    Raises:
        CaseError: a file is not as the schema says, an id occurs twice, a note is about no case, or a quote does not
            stand at its offsets; the case is named.
    """
    gold = _Gold(folder, documents)
    cases = [case for cases in (_facts(gold), _unanswerable(gold), _turns(gold)) for case in cases]
    counts = len(gold.facts), len(gold.unanswerable), len(gold.dialogues)
    return Suite(
        name="gold",
        about="our article: {} facts, {} unanswerable questions, {} dialogues".format(*counts),
        documents=tuple(documents),
        cases=tuple(cases),
        edits=gold.notes.edits,
        batched=False,
    )


def _facts(gold: _Gold) -> Iterator[Case]:
    for fact in gold.facts:
        kind = "yes-no" if fact.id in gold.notes.yes_no else "fact"
        evidence = gold.places(fact.id, fact.evidence)
        answers = tuple(dict.fromkeys(answer for variants in fact.answers.values() for answer in variants))
        for language, questions in fact.questions.items():
            for n, question in enumerate(questions, 1):
                yield Case(
                    id=f"{fact.id}/{language}{n}",
                    item=fact.id,
                    cluster=_resting(evidence),
                    question=question,
                    language=language,
                    kind=kind,
                    evidence=evidence,
                    answers=answers,
                )


def _unanswerable(gold: _Gold) -> Iterator[Case]:
    for entry in gold.unanswerable:
        contradicted = gold.places(entry.id, gold.notes.contradicted_by.get(entry.id, ()))
        for language, question in entry.questions.items():
            yield Case(
                id=f"{entry.id}/{language}",
                item=entry.id,
                cluster=entry.id,
                question=question,
                language=language,
                kind=entry.kind,
                contradicted=contradicted,
            )


def _turns(gold: _Gold) -> Iterator[Case]:
    """A case for each turn; one that leans on nothing is also asked alone, to see what history does to it."""
    for dialogue in gold.dialogues:
        names = [f"{dialogue.id}/{n}" for n in range(1, len(dialogue.turns) + 1)]
        for n, turn in enumerate(dialogue.turns):
            evidence = gold.places(f"{dialogue.id} turn {n + 1}", turn.evidence)
            case = Case(
                id=names[n],
                item=dialogue.id,
                cluster=_resting(evidence) or dialogue.id,
                question=turn.question,
                language=dialogue.language,
                kind="follow-up" if turn.leans_on_history else "turn",
                evidence=evidence,
                answers=turn.answers,
                after=tuple(names[:n]),
            )
            yield case
            if n and not turn.leans_on_history:
                yield replace(case, id=f"{case.id} alone", after=(), alone=case.id)


def _resting(evidence: Sequence[Place]) -> str:
    """The sentence that questions rest on: who misses it for one of them likely misses it for all, so they are one cluster."""
    return f"at {evidence[0].start}" if evidence else ""
