"""What a terminal shows, word for word; `KUTIP_RENEW=1` writes it anew, to be read as a diff."""

import os
from pathlib import Path

import pytest

from eval.cases import Suite
from eval.figures import Figure, scored
from eval.record import record
from eval.report import measured
from eval.runner import run
from eval.table import interval, number, show
from rag import Config
from tests.eval.cheats import QuotesTheFirstSentence

GOLDEN = Path(__file__).with_name("table.txt")


def test_the_table_of_a_set(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.table.OUT.width", 110)
    rows = scored(suite, run(suite, QuotesTheFirstSentence(suite.documents), tmp_path / "j"))
    show(measured(suite, rows, record(Config(), suite, {}), "python -m eval"))
    shown = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()) + "\n"
    if os.environ.get("KUTIP_RENEW"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(0.12345, "", "0.123"), (1, "", "1.000"), (1234.5, "ms", "1,234 ms"), (None, "", "-")]
)
def test_numbers(value: float | None, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


def test_an_interval_that_cannot_be_given_is_not_made_up() -> None:
    assert interval(Figure("F1", "all", 0.5, None, None, 3)) == "one cluster"
