"""The tables of eval/README.md: one section a set, renewed without touching the others."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval import readme
from eval.__main__ import _parser
from eval.adapters import ADAPTERS
from eval.cases import CaseError, Suite
from eval.compare import write_baseline
from eval.figures import scored
from eval.record import record
from eval.report import SetReport, measured
from eval.runner import run
from rag import Config
from tests.eval.cheats import QuotesTheFirstSentence


@pytest.fixture
def report(suite: Suite, tmp_path: Path) -> SetReport:
    rows = scored(suite, run(suite, QuotesTheFirstSentence(suite.documents), tmp_path / "j"))
    return measured(suite, rows, record(Config(), suite, {"reader": "test 1"}), "python -m eval --set small")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Measuring\n\n{readme.BEGIN}\n### other\n\nkept\n\n{readme.END}\nlast\n", "utf-8")
    monkeypatch.setattr(readme, "README", path)
    return path


def test_every_kind_of_set_is_measured_by_a_command_that_can_be_typed() -> None:
    specs = [_parser().parse_args(line).sets for line in readme.commands(Path("data"))]
    assert {spec.partition(":")[0] for (spec,) in specs} == {"gold", *ADAPTERS}


def test_of_the_untrained_reader_only_answers_are_measured() -> None:
    lines = [" ".join(line) for line in readme.commands(Path("data"), untrained=True)]
    assert lines
    assert not any("indonli" in line or "retrieval" in line for line in lines)


def test_at_most_so_many_cases_are_drawn_and_never_more_than_planned() -> None:
    drawn = [_parser().parse_args(line).cases for line in readme.commands(Path("data"), 90)]
    assert set(drawn) == {90, 80}


def test_a_set_s_section_takes_the_place_of_its_last_one_and_of_no_other(report: SetReport, page: Path) -> None:
    readme.renew(report)
    readme.renew(replace(report, about="measured again"))
    text = page.read_text("utf-8")
    assert text.count("### small") == 1
    assert "measured again." in text
    assert "### other\n\nkept\n" in text
    assert text.startswith("# Measuring\n")
    assert text.endswith(f"{readme.END}\nlast\n")


def test_a_section_holds_figures_with_n_and_interval_the_command_and_the_revision(report: SetReport) -> None:
    section = readme.tables(report)
    assert "| right |  | 0.500 | [0.055, 0.945] | 4 |" in section
    assert "`python -m eval --set small`" in section
    assert f"revision {report.record.revision}, test 1 reader." in section


def test_beside_a_figure_stands_what_the_untrained_reader_made_of_the_same_cases(
    report: SetReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readme, "UNTRAINED", tmp_path / "untrained.json")
    write_baseline((report,), tmp_path / "untrained.json")
    assert "| right | 0.500 | 0.500 | [0.055, 0.945] | 4 |" in readme.tables(report)
    others = replace(report, record=replace(report.record, corpus="of other cases"))
    assert "| right |  | 0.500 | [0.055, 0.945] | 4 |" in readme.tables(others)


def test_what_the_reader_was_trained_on_and_what_is_published_is_said_beside_the_figures(report: SetReport) -> None:
    section = readme.tables(replace(report, name="xquad-r:x"))
    assert "the questions here are about the last four" in section
    assert "XLM-R large 77.2 F1" in section


def test_a_page_without_the_marks_is_left_alone(report: SetReport, page: Path) -> None:
    page.write_text("# Measuring\n", "utf-8")
    with pytest.raises(CaseError, match="lacks"):
        readme.renew(report)
    assert page.read_text("utf-8") == "# Measuring\n"
