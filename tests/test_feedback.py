from pathlib import Path

import pytest

from rag import Answer, ReceiptError, StoreError
from rag.__main__ import main
from rag.feedback import FILE, Feedback, gold_candidates, keep, read_feedback
from rag.records import Citation, Sentence

CITED = Citation(1, "news", "Title", 0, 5, "Words", 0.9, "a" * 64)
ANSWER = Answer("Whose?", "en", False, "Words [1]", (Sentence("Words", (1,)),), (CITED,))
DECLINED = Answer("Why?", "en", True, "The articles do not say.")


def test_verdicts_are_only_ever_added(tmp_path: Path):
    given = [Feedback("2026-11-22T12:00:00+00:00", helpful, "line\nbreak\u2028too", ANSWER) for helpful in (True, False)]
    keep(tmp_path, given[0])
    before = (tmp_path / FILE).read_bytes()
    keep(tmp_path, given[1])
    assert (tmp_path / FILE).read_bytes().startswith(before)
    assert read_feedback(tmp_path) == given


def test_nobody_having_said_anything_is_no_error(tmp_path: Path):
    assert read_feedback(tmp_path) == []


def test_a_line_that_is_no_verdict_is_named(tmp_path: Path):
    keep(tmp_path, Feedback("now", True, "", ANSWER))
    with (tmp_path / FILE).open("a") as file:
        file.write('{"half": \n')
    with pytest.raises(ReceiptError, match="line 2"):
        read_feedback(tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        keep(tmp_path, Feedback("now", True, "", ANSWER))


def test_the_last_verdict_on_an_answer_is_the_candidate(tmp_path: Path):
    verdicts = [Feedback("1", True, "", ANSWER), Feedback("2", True, "", DECLINED), Feedback("3", False, "wrong one", ANSWER)]
    first, second = gold_candidates(verdicts)
    assert (first["question"], first["helpful"], first["comment"], first["at"]) == ("Whose?", False, "wrong one", "3")
    assert first["evidence"] == [{"document": "news", "start": 0, "end": 5, "quote": "Words"}]
    assert (second["declined"], second["evidence"]) == (True, [])


def test_the_command_prints_a_candidate_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    keep(tmp_path, Feedback("now", True, "", ANSWER))
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    assert main(["feedback"]) == 0
    assert capsys.readouterr().out.startswith('{"question": "Whose?"')
