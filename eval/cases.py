"""Cases: what is asked and what counts as right; and our own gold, validated while it is loaded.

Evidence is offsets into a document's text, code points, half open. Several spans may be acceptable; any one is enough.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.errors import RagError
from rag.records import Document

GOLD = Path(__file__).with_name("gold")
SEED = 0

Part = Literal["answers", "retrieval", "support"]
_T = TypeVar("_T")
_Text = Annotated[str, Field(min_length=1)]


class CaseError(RagError):
    """A set cannot be used as it is; the message names the case."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch [start, end) of a document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with what is known about it; without evidence the documents do not answer it."""

    id: str
    item: str
    """What is asked, apart from its language: cases of an item are compared across languages and sampled together."""
    cluster: str
    """What chance drew, a document or a fact: intervals are for other clusters of the same kind."""
    question: str
    language: str
    kind: str
    evidence: tuple[Place, ...] = ()
    answers: tuple[str, ...] = ()
    contradicted: tuple[Place, ...] = ()
    """Where the documents say the opposite of what the question presumes."""
    after: tuple[str, ...] = ()
    """Ids of the conversation's earlier turns."""
    alone: str = ""
    """The id of the turn that this asks again without its history."""
    documents: tuple[str, ...] | None = None
    """Where to search; None is everywhere."""
    document_language: str = ""
    premise: str = ""
    """For a statement: the passage that may support it; then `kind` is supported, contradicted or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Cases over one set of documents, which alone are in the index while they are asked."""

    name: str
    about: str
    documents: tuple[Document, ...]
    cases: tuple[Case, ...]
    part: Part = "answers"
    batched: bool = True
    """Whether questions may be embedded in batches; then latencies are not those of a single question."""


def sampled(suite: Suite, *, items: int | None = None, pool: int | None = None, seed: int = SEED) -> Suite:
    """The suite cut to that many items and documents, drawn by chance; every document that holds evidence stays."""
    chance = random.Random(seed)
    cases, documents, about = suite.cases, suite.documents, suite.about
    names = sorted({case.item for case in cases})
    if items is not None and items < len(names):
        chosen = frozenset(chance.sample(names, items))
        cases = tuple(case for case in cases if case.item in chosen)
        about += f"; {items} of its {len(names)} items (seed {seed})"
    if pool is not None and pool < len(documents):
        needed = {case.cluster for case in cases} | {place.document for case in cases for place in case.evidence}
        others = [d.id for d in documents if d.id not in needed]
        kept = needed.union(chance.sample(others, max(0, min(len(others), pool - len(needed)))))
        documents = tuple(d for d in documents if d.id in kept)
        about += f"; {len(documents)} of its {len(suite.documents)} documents"
    return replace(suite, cases=cases, documents=documents, about=about)


def given(suite: Suite) -> Suite:
    """The suite as reading comprehension: each question is asked of its own document only."""
    cases = tuple(replace(c, documents=(c.evidence[0].document if c.evidence else c.cluster,)) for c in suite.cases)
    return replace(suite, name=f"{suite.name} given", about=f"{suite.about}; each asked of its own document only", cases=cases)


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


def read_gold(documents: Sequence[Document], folder: Path = GOLD) -> Suite:
    """Our own questions about the corpus: facts in many languages, questions it does not answer, dialogues.

    Raises:
        CaseError: a file is not as the schema says, an id occurs twice, a note is about no case, or a quote does not
            stand at its offsets; the case is named.
    """
    notes = parsed(TypeAdapter(_Notes), folder / "notes.json")
    text = next((d.text for d in documents if d.id == notes.document), None)
    if text is None:
        raise CaseError(f"{folder}: the gold is about {notes.document!r}, which is not among the documents")

    def places(case: str, evidence: Iterable[_Evidence]) -> tuple[Place, ...]:
        for e in evidence:
            if text[e.start : e.end] != e.quote:
                raise CaseError(f"{folder}: {case}: the quote {e.quote[:60]!r} does not stand at [{e.start}, {e.end})")
        return tuple(Place(notes.document, e.start, e.end) for e in evidence)

    facts = parsed(TypeAdapter(tuple[_Fact, ...]), folder / "facts.json")
    unanswerable = parsed(TypeAdapter(tuple[_Unanswerable, ...]), folder / "unanswerable.json")
    dialogues = parsed(TypeAdapter(tuple[_Dialogue, ...]), folder / "dialogues.json")
    names = [*(f.id for f in facts), *(u.id for u in unanswerable), *(d.id for d in dialogues)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CaseError(f"{folder}: {twice[0]} occurs twice")
    if unknown := sorted({*notes.yes_no, *notes.contradicted_by} - set(names)):
        raise CaseError(f"{folder}/notes.json: {unknown[0]} is no case")

    cases: list[Case] = []
    for fact in facts:
        evidence = places(fact.id, fact.evidence)
        kind = "yes-no" if fact.id in notes.yes_no else "fact"
        answers = tuple(answer for variants in fact.answers.values() for answer in variants)
        cases += [
            Case(id=f"{fact.id}/{language}{n}", item=fact.id, cluster=fact.id, question=question, language=language, kind=kind,
                 evidence=evidence, answers=answers)
            for language, questions in fact.questions.items() for n, question in enumerate(questions, 1)
        ]  # fmt: skip
    for entry in unanswerable:
        against = places(entry.id, notes.contradicted_by.get(entry.id, ()))
        cases += [
            Case(id=f"{entry.id}/{language}", item=entry.id, cluster=entry.id, question=question, language=language,
                 kind=entry.kind, contradicted=against)
            for language, question in entry.questions.items()
        ]  # fmt: skip
    for dialogue in dialogues:
        cases += _turns(dialogue, [places(f"{dialogue.id} turn {n}", turn.evidence) for n, turn in enumerate(dialogue.turns, 1)])
    about = f"{len(facts)} facts, {len(unanswerable)} unanswerable questions, {len(dialogues)} dialogues about our article"
    return Suite(name="gold", about=about, documents=tuple(documents), cases=tuple(cases), batched=False)


def _turns(dialogue: _Dialogue, evidence: Sequence[tuple[Place, ...]]) -> Iterator[Case]:
    """A case for each turn; one that leans on nothing is also asked alone, to see what history does to it."""
    names = [f"{dialogue.id}/{n}" for n in range(1, len(dialogue.turns) + 1)]
    for n, (turn, places) in enumerate(zip(dialogue.turns, evidence, strict=True)):
        case = Case(
            id=names[n],
            item=dialogue.id,
            cluster=dialogue.id,
            question=turn.question,
            language=dialogue.language,
            kind="follow-up" if turn.leans_on_history else "turn",
            evidence=places,
            answers=turn.answers,
            after=tuple(names[:n]),
        )
        yield case
        if n and not turn.leans_on_history:
            yield replace(case, id=f"{case.id} alone", after=(), alone=case.id)


def conversations(cases: Sequence[Case]) -> Iterator[tuple[Case, ...]]:
    """The cases in runs that search the same documents and lean on nothing; a case with history comes alone."""
    for (after, _), run in groupby(cases, key=lambda case: (case.after and case.id, case.documents)):
        if after:
            yield from ((case,) for case in run)
        else:
            yield tuple(run)


def parsed(adapter: TypeAdapter[_T], path: Path) -> _T:
    """A JSON file as the schema says it is.

    Raises:
        CaseError: it cannot be read or is otherwise; the place in it is named.
    """
    try:
        return adapter.validate_json(path.read_bytes())
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise CaseError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
