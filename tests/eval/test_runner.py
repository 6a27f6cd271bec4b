"""Asking: whole, in order, and again from where it stopped."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import CaseError, Suite
from eval.goldset import read_gold
from eval.runner import opened, read_journal, run
from rag import Config
from rag.assistant import History
from rag.records import Answer, Document
from tests.eval.cheats import AlwaysDeclines, QuotesTheFirstSentence


class Interrupted(Exception):
    """The power goes."""


class Stops(QuotesTheFirstSentence):
    """Answers three questions, then the power goes."""

    left = 3

    def ask(self, question: str, *, history: History = (), documents: Sequence[str] | None = None) -> Answer:
        if not self.left:
            raise Interrupted
        self.left -= 1
        return super().ask(question)


def test_a_stopped_run_goes_on_where_it_stopped(suite: Suite, tmp_path: Path) -> None:
    alone = replace(suite, batched=False)
    journal = tmp_path / "journal.jsonl"
    with pytest.raises(Interrupted):
        run(alone, Stops(suite.documents), journal)
    with journal.open("ab") as file:
        file.write(b'{"case": "half a li')
    second = Stops(suite.documents)
    results = run(alone, second, journal)
    assert [r.case for r in results] == [c.id for c in suite.cases]
    assert second.left == 1, "two were left to ask"
    assert [r.case for r in read_journal(journal)] == [c.id for c in suite.cases], "the unfinished line is gone"


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"other": 1}\n{}\n')
    with pytest.raises(CaseError, match="not a journal"):
        read_journal(tmp_path / "j")


def test_batches_and_single_questions_give_the_same(suite: Suite, tmp_path: Path) -> None:
    cheat = QuotesTheFirstSentence(suite.documents)
    assert run(suite, cheat, tmp_path / "a") == run(replace(suite, batched=False), cheat, tmp_path / "b")


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_turn_is_asked_with_what_was_said_before_it(article: Document, tmp_path: Path, at_once: int) -> None:
    heard: list[list[str]] = []

    class Listens(AlwaysDeclines):
        def ask(self, question: str, *, history: History = (), documents: Sequence[str] | None = None) -> Answer:
            heard.append([turn[0] for turn in history if isinstance(turn, tuple)])
            return super().ask(question)

    gold = read_gold([article])
    dialogue = tuple(case for case in gold.cases if case.item == "d01" and not case.alone)
    run(replace(gold, cases=dialogue), Listens(gold.documents), tmp_path / "j", at_once=at_once)
    assert heard == [[c.question for c in dialogue[:n]] for n in range(len(dialogue))]


def test_the_real_assistant_is_asked_about_the_suite_s_documents_alone(suite: Suite, tmp_path: Path) -> None:
    config = Config(home=tmp_path / "home", embedder="hashing")
    for _ in range(2):  # the second time the index is there already
        with opened(config, suite, tmp_path / "index", lambda *_: None) as assistant:
            assert [d.id for d in assistant.documents()] == ["siege", "bread"]
            results = run(suite, assistant, tmp_path / "journal.jsonl")
    assert all(r.answer and r.hits for r in results)
    assert results[0].hits is not None
    assert results[0].hits[0].document == "siege"


def test_a_ledger_that_users_share_is_not_written_to(suite: Suite, tmp_path: Path) -> None:
    config = Config(home=tmp_path, embedder="hashing", ledger="postgresql://nobody@127.0.0.1:1/kutip")
    with opened(config, suite, tmp_path / "index", lambda *_: None) as assistant:
        assert len(assistant.documents()) == len(suite.documents)


def test_an_index_made_by_another_embedder_is_made_anew(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(home=tmp_path / "home", embedder="hashing")
    with opened(config, suite, tmp_path / "index", lambda *_: None):
        pass
    monkeypatch.setattr("rag.passages.VERSION", 99)
    with opened(config, suite, tmp_path / "index", lambda *_: None) as assistant:
        assert assistant.search("castle", k=1)[0].passage.document == "siege"
