"""Two runs, and a run against the baseline."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import CaseError, Suite
from eval.compare import BASELINE, changes, regressions, write_baseline
from eval.figures import scored
from eval.goldset import read_gold
from eval.record import record, suite_hash
from eval.report import Report, measured
from eval.runner import run
from rag import Config
from rag.records import Document
from tests.eval.cheats import AlwaysDeclines, Cheat, QuotesTheFirstSentence


def report(suite: Suite, cheat: type[Cheat], folder: Path) -> Report:
    rows = scored(suite, run(suite, cheat(suite.documents), folder / f"{cheat.__name__}.jsonl"))
    return (measured(suite, rows, record(Config(), suite, {}), "python -m eval"),)


def test_runs_are_compared_case_by_case(suite: Suite, tmp_path: Path) -> None:
    first, second = report(suite, AlwaysDeclines, tmp_path), report(suite, QuotesTheFirstSentence, tmp_path)
    found = {change.measure: change.difference for change in changes(first, second)}
    assert found["right"].value == 2 / 4
    assert found["right"].verdict == "no difference shown", "two documents show nothing"
    assert found["error rate"].value == -1
    assert "risk" not in found, "the first answered nothing, so there is nothing to compare"


def test_a_run_is_no_different_from_itself(suite: Suite, tmp_path: Path) -> None:
    one = report(suite, QuotesTheFirstSentence, tmp_path)
    assert {change.difference.verdict for change in changes(one, one)} == {"no difference shown"}


def test_runs_over_other_sets_are_not_compared(suite: Suite, tmp_path: Path) -> None:
    one = report(suite, AlwaysDeclines, tmp_path)
    with pytest.raises(CaseError, match="no set in common"):
        list(changes(one, (replace(one[0], name="other"),)))


def test_only_what_falls_below_the_baseline_s_interval_is_a_regression(suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    then = report(suite, QuotesTheFirstSentence, tmp_path)
    write_baseline(then, path)
    assert regressions(then, path) == []
    figures = then[0].figures
    within = replace(then[0], figures=tuple(replace(f, value=f.low if f.better > 0 and f.low else f.value) for f in figures))
    assert regressions((within,), path) == []
    worse = replace(
        then[0], figures=tuple(replace(f, value=0.0) if f.measure == "MRR" else f for f in figures if f.measure != "F1")
    )
    assert sorted(sentence.split(" is ")[0] for sentence in regressions((worse,), path)) == ["small: F1", "small: MRR"]
    assert regressions((replace(then[0], name="other"),), path) == [], "a set the baseline does not hold"


def test_a_baseline_of_other_cases_is_refused(suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    then = report(suite, QuotesTheFirstSentence, tmp_path)
    write_baseline(then, path)
    other = replace(then[0], record=replace(then[0].record, corpus="other"))
    with pytest.raises(CaseError, match="other cases"):
        regressions((other,), path)


def test_the_committed_baseline_is_of_the_committed_gold(article: Document) -> None:
    (kept,) = json.loads(BASELINE.read_bytes())
    assert kept["name"] == "gold"
    assert kept["corpus"] == suite_hash(read_gold([article]))
