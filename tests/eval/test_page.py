"""The report as a page: everything shown, nothing run, nothing fetched, nothing believed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import Suite
from eval.figures import scored
from eval.page import page
from eval.record import record
from eval.report import measured, read_json, write_json
from eval.runner import run
from rag import Config
from tests.eval.cheats import AlwaysDeclines, Cheat, QuotesTheFirstSentence


def html(suite: Suite, cheat: type[Cheat], folder: Path) -> str:
    rows = scored(suite, run(suite, cheat(suite.documents), folder / "j"))
    return page([(measured(suite, rows, record(Config(), suite, {"embedder": "none"}), "python -m eval"), rows)])


@pytest.mark.parametrize("cheat", [AlwaysDeclines, QuotesTheFirstSentence])
def test_it_runs_nothing_and_fetches_nothing(suite: Suite, cheat: type[Cheat], tmp_path: Path) -> None:
    shown = html(suite, cheat, tmp_path)
    assert not re.search(r"<script|<link|<img|<iframe|\bon\w+=|url\(|@import|https?://", shown)


def test_every_case_is_shown_and_those_that_went_well_can_be_hidden(suite: Suite, tmp_path: Path) -> None:
    shown = html(suite, QuotesTheFirstSentence, tmp_path)
    assert shown.count('<details class="case') == len(suite.cases)
    assert shown.count('<details class="case fine"') == 2
    assert "3 that went wrong" in shown
    for case in suite.cases:
        assert case.question in shown
    assert "The castle fell on Monday." in shown
    assert "The documents do not say." in shown


def test_what_is_quoted_is_text_not_html(suite: Suite, tmp_path: Path) -> None:
    hostile = replace(suite.cases[0], question="<script>alert(1)</script>")
    shown = html(replace(suite, cases=(hostile, *suite.cases[1:])), AlwaysDeclines, tmp_path)
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_a_report_comes_back_from_json_as_it_was(suite: Suite, tmp_path: Path) -> None:
    rows = scored(suite, run(suite, QuotesTheFirstSentence(suite.documents), tmp_path / "j"))
    report = measured(suite, rows, record(Config(), suite, {}), "python -m eval")
    write_json((report,), tmp_path / "report.json")
    assert read_json(tmp_path / "report.json") == (report,)
