"""Our gold: what it must hold, and that nothing wrong in it gets past the loader."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CaseError, Suite
from eval.goldset import GOLD, read_gold
from rag.records import Document

Change = Callable[[Any], Any]
LANGUAGES = {"en", "id", "ms", "ru", "uk", "ar", "fa", "zh", "es", "de", "fr", "tr", "hi", "vi", "ja"}


@pytest.fixture(scope="module")
def gold(article: Document) -> Suite:
    return read_gold([article])


def test_every_fact_is_asked_in_every_language_that_was_promised(gold: Suite) -> None:
    facts = defaultdict(set)
    for case in gold.cases:
        if case.kind in {"fact", "yes-no"}:
            facts[case.item].add(case.language)
    assert len(facts) >= 25
    assert all(asked >= LANGUAGES for asked in facts.values())


def test_there_are_unanswerable_questions_of_every_distance_and_dialogues_that_lean_on_history(gold: Suite) -> None:
    unanswerable = {case.item for case in gold.cases if case.kind in {"far", "topic", "near", "false-premise"}}
    assert len(unanswerable) >= 60
    dialogues = {case.item for case in gold.cases if case.kind == "follow-up"}
    assert len(dialogues) >= 12
    follow_ups = [case for case in gold.cases if case.kind == "follow-up"]
    assert all(case.after for case in follow_ups)


def test_no_question_occurs_twice_nor_is_both_answerable_and_not(gold: Suite) -> None:
    asked = [(case.language, case.question) for case in gold.cases if not case.after and not case.alone]
    assert len(asked) == len(set(asked))


def test_a_turn_that_leans_on_nothing_is_also_asked_alone(gold: Suite) -> None:
    turns = {case.id: case for case in gold.cases}
    alone = [case for case in gold.cases if case.alone]
    assert alone
    assert all(turns[case.alone].after and not case.after for case in alone)


def spoiled(folder: Path, name: str, change: Change) -> Path:
    shutil.copytree(GOLD, folder / "gold")
    file = folder / "gold" / name
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")
    return folder / "gold"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        pytest.param("facts.json", lambda c: c[3]["evidence"][0].update(start=44), "f04-weekday: the quote", id="moved quote"),
        pytest.param("dialogues.json", lambda c: c[0]["turns"][1]["evidence"][0].update(end=9), "d01 turn 2", id="moved in a turn"),
        pytest.param("facts.json", lambda c: c[0].update(evidense=[]), "0.evidense: Extra inputs", id="unknown field"),
        pytest.param("facts.json", lambda c: c[0].update(evidence=[]), "0.evidence", id="a fact without evidence"),
        pytest.param("unanswerable.json", lambda c: c[1].update(id=c[0]["id"]), "u-far-01 occurs twice", id="twice"),
        pytest.param("unanswerable.json", lambda c: c[0].update(kind="odd"), "0.kind", id="unknown kind"),
        pytest.param("notes.json", lambda c: c["yes_no"].update(x="no"), "x is no case", id="note about nothing"),
        pytest.param(
            "notes.json", lambda c: c["edits"].update({"f04-weekday": ["Rabu", "Kamis"]}), "f04-weekday", id="edit of nothing"
        ),
        pytest.param("notes.json", lambda c: c.update(document="other"), "'other'", id="another article"),
    ],
)
def test_what_is_wrong_is_refused_and_the_case_is_named(
    name: str, change: Change, said: str, article: Document, tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match=said):
        read_gold([article], spoiled(tmp_path, name, change))


def test_a_text_that_changed_is_noticed(article: Document) -> None:
    with pytest.raises(CaseError, match="does not stand at"):
        read_gold([replace(article, text=" " + article.text)])
