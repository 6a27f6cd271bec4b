from pathlib import Path

import pytest

from rag import Answer, ReceiptError
from rag.__main__ import main
from rag.embedding import HashingEmbedder
from rag.feedback import FILE, Feedback, gold_candidates, keep, read_feedback
from rag.library import Library
from rag.records import Citation, Sentence

CITED = Citation(1, "news", "Title", 0, 5, "Words", 0.9, "a" * 64)
ANSWER = Answer("Whose?", "en", False, "Words [1]", (Sentence("Words", (1,)),), (CITED,))
DECLINED = Answer("Why?", "en", True, "The articles do not say.")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path, str(tmp_path / "chroma"), HashingEmbedder())


def test_verdicts_come_back_as_they_were_given_and_in_order(library: Library):
    given = [Feedback("2026-11-22T12:00:00+00:00", helpful, "line\nbreak\u2028too", ANSWER) for helpful in (True, False)]
    for one in given:
        keep(library, one)
    assert read_feedback(library) == given


def test_nobody_having_said_anything_is_no_error(library: Library):
    assert read_feedback(library) == []


def test_a_verdict_that_is_none_is_named(library: Library):
    keep(library, Feedback("now", True, "", ANSWER))
    library.ledger.keep_feedback(['{"half": '])
    with pytest.raises(ReceiptError, match="verdict 2"):
        read_feedback(library)


def test_what_0_1_0_kept_in_a_file_is_taken_over_once(library: Library):
    keep(library, Feedback("now", True, "", ANSWER))
    (line,) = library.ledger.feedback()
    (library.home / FILE).write_text(line.replace("now", "before") + "\n" + line + "\n")
    assert [f.at for f in read_feedback(library)] == ["now", "before"]
    assert [f.at for f in read_feedback(library)] == ["now", "before"]


def test_the_last_verdict_on_an_answer_is_the_candidate(tmp_path: Path):
    verdicts = [Feedback("1", True, "", ANSWER), Feedback("2", True, "", DECLINED), Feedback("3", False, "wrong one", ANSWER)]
    first, second = gold_candidates(verdicts)
    assert (first["question"], first["helpful"], first["comment"], first["at"]) == ("Whose?", False, "wrong one", "3")
    assert first["evidence"] == [{"document": "news", "start": 0, "end": 5, "quote": "Words"}]
    assert (second["declined"], second["evidence"]) == (True, [])


def test_the_command_prints_a_candidate_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    keep(Library(tmp_path, str(tmp_path / "chroma"), HashingEmbedder()), Feedback("now", True, "", ANSWER))
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    assert main(["feedback"]) == 0
    assert capsys.readouterr().out.startswith('{"question": "Whose?"')
