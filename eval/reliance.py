"""Does an answer rest on what it cites? The evidence is removed, edited or outshone by a decoy, and the question asked again."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from eval.cases import Case, Suite
from eval.figures import ALL, Figure, figure
from eval.measures import Measure
from eval.runner import Progress, run
from eval.scored import Scored
from rag.assistant import Assistant
from rag.records import Answer, Document

LANGUAGES = ("en", "id")
DECOY = "decoy"


def _unscored(_: Scored) -> None:
    """These measures take two answers to score."""


CHANGES = Measure("evidence removed: another answer", "or none", _unscored)
DECLINES = Measure("evidence removed: declined", "nothing else answers", _unscored)
FOLLOWS = Measure("evidence edited: answer follows", "the new words are quoted", _unscored)
RESISTS = Measure("decoy: not cited", "a document that is the question, with and without its mark, and answers nothing", _unscored)
STANDS = Measure("decoy: answered as before", "with the same quotes", _unscored)
MEASURES = (CHANGES, DECLINES, FOLLOWS, RESISTS, STANDS)


@dataclass(frozen=True, slots=True)
class Variant:
    """A question, the documents altered for it, and the words that now stand where its answer stood, if they were edited."""

    kind: str
    case: Case
    documents: tuple[Document, ...]
    words: str = ""


def variants(suite: Suite) -> Iterator[Variant]:
    """The first question of each fact in each of `LANGUAGES`, without its evidence, with it edited, beside a decoy."""
    facts = [case for case in suite.cases if case.evidence and case.kind in {"fact", "yes-no"} and case.language in LANGUAGES]
    first = list({(case.item, case.language): case for case in reversed(facts)}.values())[::-1]
    for case in first:
        yield Variant("removed", case, _altered(suite.documents, case, "", ""))
        if case.item in suite.edits:
            old, new = suite.edits[case.item]
            yield Variant("edited", case, _altered(suite.documents, case, old, new), new)
        asking = f"{case.question}\n\n{case.question.rstrip('?？؟ ')}"
        yield Variant(DECOY, case, (*suite.documents, Document(DECOY, asking, suite.documents[0].title, case.language)))


def judged(variant: Variant, before: Answer, after: Answer) -> Iterator[tuple[Measure, bool]]:
    """What an answer shows beside the one that was given before the documents were altered."""
    quotes = [c.quote for c in after.citations]
    if variant.kind == "removed":
        yield CHANGES, after.declined or quotes != [c.quote for c in before.citations]
        yield DECLINES, after.declined
    elif variant.kind == "edited":
        yield FOLLOWS, any(variant.words in quote for quote in quotes)
    else:
        yield RESISTS, not any(c.document.startswith(DECOY) for c in after.citations)
        yield STANDS, quotes == [c.quote for c in before.citations]


def measure(suite: Suite, rows: Sequence[Scored], assistant: Assistant, journal: Path, progress: Progress) -> list[Figure]:
    """Ask every variant of what was answered right, and give the shares that held.

    The assistant's library is left as the last variant made it.
    """
    right = {row.case.id: row.answer for row in rows if row.outcome == "right" and row.answer}
    todo = [variant for variant in variants(suite) if variant.case.id in right]
    todo.sort(key=_altered_texts)
    found: dict[Measure, list[tuple[bool, str]]] = defaultdict(list)
    done = 0
    for _, alike in groupby(todo, key=_altered_texts):
        some = list(alike)
        _hold(assistant, some[0].documents)
        cases = tuple(replace(variant.case, id=f"{variant.case.id} {variant.kind}") for variant in some)
        asked = replace(suite, cases=cases, documents=some[0].documents)
        for variant, result in zip(some, run(asked, assistant, journal, at_once=os.cpu_count() or 1), strict=True):
            if result.answer:
                for kind, held in judged(variant, right[variant.case.id], result.answer):
                    found[kind].append((held, variant.case.cluster))
        done += len(some)
        progress(done, len(todo))
    return [figure(kind, ALL, [float(h) for h, _ in held], [cluster for _, cluster in held]) for kind, held in found.items()]


def _hold(assistant: Assistant, documents: Sequence[Document]) -> None:
    """Have the library hold these documents and no others."""
    held = {document.id for document in documents}
    for document in assistant.documents():
        if document.id not in held:
            assistant.remove(document.id)
    assistant.library.add(documents)


def _altered_texts(variant: Variant) -> list[str]:
    return [document.sha256 for document in variant.documents]


def _altered(documents: Sequence[Document], case: Case, old: str, new: str) -> tuple[Document, ...]:
    """The documents with `old` turned into `new` within the case's evidence; with the evidence cut where `old` is empty."""
    found = []
    for document in documents:
        text = document.text
        for place in sorted((p for p in case.evidence if p.document == document.id), key=lambda p: -p.start):
            changed = text[place.start : place.end].replace(old, new) if old else ""
            text = text[: place.start] + changed + text[place.end :]
        found.append(document if text == document.text else replace(document, text=text, translations=()))
    return tuple(found)
