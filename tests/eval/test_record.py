"""What a run may be resumed under."""

from dataclasses import replace

import pytest

from eval.cases import Suite
from eval.record import code_hash, run_key
from rag import Config


def test_a_run_is_another_where_anything_it_depends_on_is_another(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = suite.documents
    keys = {
        run_key(Config(), suite),
        run_key(Config(risk=0.2), suite),
        run_key(Config(), replace(suite, edits={"a": ("old", "new")})),
        run_key(Config(), replace(suite, documents=(replace(first, date="2022-01-21"), *others))),
        run_key(Config(), replace(suite, cases=suite.cases[1:])),
    }
    monkeypatch.setattr("eval.record.version", lambda _: "0")
    assert len(keys | {run_key(Config(), suite)}) == 6


def test_where_things_lie_makes_no_other_run(suite: Suite) -> None:
    assert run_key(Config(), suite) == run_key(Config(home="/elsewhere", store="/there"), suite)  # type: ignore[arg-type]


def test_the_measuring_code_counts_where_it_is_asked_for() -> None:
    assert code_hash() == code_hash("rag") != code_hash("rag", "eval")
