"""The command line, on a small set and without a model."""

import json
import re
from pathlib import Path

import pytest

from eval import readme
from eval.__main__ import _parser, main
from eval.adapters import ADAPTERS
from rag.config import PROJECT
from tests.eval.test_adapters import squad_file

README = (PROJECT / "eval" / "README.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    monkeypatch.setattr("eval.table.OUT.width", 100)
    return tmp_path / "home"


def test_a_set_is_measured_printed_and_left_as_page_and_json(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = f"squad:{squad_file(tmp_path)}"
    assert main(["--set", spec]) == 0
    assert "right" in capsys.readouterr().out
    assert "<h2>squad:x</h2>" in (home / "eval" / "report.html").read_text("utf-8")
    (report,) = json.loads((home / "eval" / "report.json").read_bytes())
    assert report["command"] == f"python -m eval --set {spec}"
    record = report["record"]
    assert record["config"]["embedder"] == "hashing"
    assert record["models"]["reader"] == "similarity"
    assert record["versions"]["torch"]
    assert {"revision", "code", "corpus", "machine", "seed"} <= set(record)


def test_the_page_s_desk_shows_the_last_report(home: Path, tmp_path: Path) -> None:
    from rag import Config
    from rag.page.desk import Desk

    main(["--set", f"squad:{squad_file(tmp_path)}", "--only", "retrieval"])
    desk = Desk(Config(home=home, embedder="hashing"))
    assert "Evaluation" in desk.report()
    desk.close()


def test_two_reports_are_compared(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paragraphs = [{"context": f"Kota {n} jatuh. Hujan turun.", "qas": [
        {"id": str(n), "question": f"Apakah kota {n} jatuh?", "answers": [{"text": f"Kota {n}", "answer_start": 0}]}
    ]} for n in range(4)]  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps(paragraphs))
    main(["--set", f"squad:{tmp_path / 'x.json'}", "--fresh"])
    capsys.readouterr()
    report = str(home / "eval" / "report.json")
    assert main(["--compare", report, report]) == 0
    assert "no difference shown" in capsys.readouterr().out


@pytest.mark.parametrize("spec", ["squad:absent.json", "odd:x", "squad"])
def test_what_cannot_be_measured_is_said_in_a_line(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--set", spec]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_the_tables_of_the_readme_are_written_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.BEGIN}\n### squad:w\nkept\n### squad:x\nold\n{readme.END}\nafter\n")
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(readme, "_COMMANDS", (("--set squad:{data}/x.json", None),))
    squad_file(tmp_path)
    assert main(["--readme", str(tmp_path)]) == 0
    written = page.read_text()
    assert re.match(r"before\n<!-- figures: begin -->\n### squad:w\nkept\n### squad:x\n\nx.json: 1 cases", written)
    assert written.endswith("<!-- figures: end -->\nafter\n")
    assert re.search(r"\| right \|  \| [01]\.000 \| \[0\.\d+, [01]\.\d+\] \| 1 \|", written)
    assert f"`python -m eval --set squad:{tmp_path}/x.json`" in written


def test_what_the_untrained_reader_makes_of_the_sets_is_kept_and_no_table_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, page = tmp_path / "untrained.json", tmp_path / "README.md"
    page.write_text("as it was")
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(readme, "_COMMANDS", (("--set squad:{data}/x.json", None), ("--set absent:x --only retrieval", None)))
    monkeypatch.setattr("eval.__main__.UNTRAINED", kept)
    monkeypatch.setenv("RAG_READER", "similarity")
    squad_file(tmp_path)
    assert main(["--readme", str(tmp_path)]) == 0
    assert '"squad:x"' in kept.read_text()
    assert page.read_text() == "as it was"


def test_the_readme_names_every_kind_of_set_and_every_option() -> None:
    for name in (*ADAPTERS, *re.findall(r"--[a-z-]+", _parser().format_help())):
        assert name in README or name in {"--help", "--pool"}, name


def test_every_command_of_the_tables_parses() -> None:
    for arguments in readme.commands(Path("data")):
        _parser().parse_args(arguments)
    assert [a[-1] for a in readme.commands(Path("data"), 90)][:3] == ["90", "80", "90"], "at most"
