"""Cases: what is asked and what counts as right.

Evidence is offsets into a document's text, code points, half open. Several spans may be acceptable; any one is enough.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag.errors import RagError
from rag.records import Document

SEED = 0

Part = Literal["answers", "retrieval", "support"]
_T = TypeVar("_T")


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
    edits: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By item: words of its evidence, and others that would answer as well, for trying whether the answer follows."""
    batched: bool = True
    """Whether questions may be embedded in batches; then latencies are not those of a single question."""


def sampled(
    suite: Suite, *, items: int | None = None, pool: int | None = None, cases: int | None = None, seed: int = SEED
) -> Suite:
    """The suite cut by chance: to that many items, then documents, then cases (with the turns before them).

    Every document that holds an item's evidence stays.
    """
    chance = random.Random(seed)
    kept, documents, about = suite.cases, suite.documents, suite.about
    names = sorted({case.item for case in kept})
    if items is not None and items < len(names):
        chosen = frozenset(chance.sample(names, items))
        kept = tuple(case for case in kept if case.item in chosen)
        about += f"; {items} of its {len(names)} items (seed {seed})"
    if pool is not None and pool < len(documents):
        documents = _pooled(suite, kept, pool, chance)
        known = {document.id for document in documents}
        kept = tuple(replace(c, documents=c.documents and tuple(d for d in c.documents if d in known)) for c in kept)
        about += f"; {len(documents)} of its {len(suite.documents)} documents"
    if cases is not None and cases < len(kept):
        turns = {case.id: case for case in kept}
        asked = [turns.get(case.alone, case) for case in chance.sample(kept, cases)]
        drawn = {name for case in asked for name in (case.id, f"{case.id} alone", *case.after)}
        about += f"; {cases} of {len(kept)} cases (seed {seed})"
        kept = tuple(case for case in kept if case.id in drawn)
    return replace(suite, cases=kept, documents=documents, about=about)


def _pooled(suite: Suite, kept: Sequence[Case], size: int, chance: random.Random) -> tuple[Document, ...]:
    """The documents that hold the evidence, and others up to that many; a text comes with its translations, or not at all."""
    cluster = {place.document: case.cluster for case in suite.cases for place in case.evidence}
    texts: dict[str, list[Document]] = {}
    for document in suite.documents:
        texts.setdefault(cluster.get(document.id, document.id), []).append(document)
    needed = {case.cluster for case in kept} | {cluster[place.document] for case in kept for place in case.evidence}
    chosen = {document.id for name in needed for document in texts.get(name, ())}
    for name in chance.sample(list(texts), len(texts)):
        if len(chosen) + len(texts[name]) <= size:
            chosen.update(document.id for document in texts[name])
    return tuple(document for document in suite.documents if document.id in chosen)


def given(suite: Suite) -> Suite:
    """The suite as reading comprehension: each question is asked of its own document only."""
    cases = tuple(replace(c, documents=(c.evidence[0].document if c.evidence else c.cluster,)) for c in suite.cases)
    return replace(suite, name=f"{suite.name} given", about=f"{suite.about}; each asked of its own document only", cases=cases)


def among(suite: Suite, others: Sequence[Suite]) -> Suite:
    """The suite over the documents of others too, of which nothing is asked."""
    if not others:
        return suite
    documents = {document.id: document for one in (suite, *others) for document in one.documents}
    about = f"{suite.about}; among {len(documents)} documents, of {', '.join(other.name for other in others)} too"
    return replace(suite, name=f"{suite.name} among others", about=about, documents=tuple(documents[i] for i in sorted(documents)))


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
