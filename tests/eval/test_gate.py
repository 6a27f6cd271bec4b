"""The gate's own score."""

from collections import Counter
from pathlib import Path

import pytest

from eval.cases import CaseError
from eval.gate import FAITHFUL, GOLD, Passage, Row, Statement, measure, read_pairs, table
from rag.config import PROJECT

DEVELOPMENT = PROJECT / "training" / "questions" / "gate-dev.jsonl"


def test_the_gold_holds_enough_of_every_kind() -> None:
    pairs = [(p, s) for p in read_pairs(GOLD) for s in p.statements]
    kinds = Counter(s.kind for _, s in pairs)
    assert kinds.pop(FAITHFUL) >= 100
    assert sum(kinds.values()) >= 200
    assert len(kinds) == 8
    assert max(kinds.values()) == min(kinds.values())
    assert len({(s.language, p.language) for p, s in pairs}) >= 6


def test_what_is_reported_shares_nothing_with_what_was_chosen_on() -> None:
    gold, development = ({text for p in read_pairs(path) for text in p.evidence} for path in (GOLD, DEVELOPMENT))
    assert not gold & development


def test_a_line_that_is_no_passage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("{}\n", "utf-8")
    with pytest.raises(CaseError, match="line 1"):
        read_pairs(path)


def test_true_ones_are_to_be_let_through_and_false_ones_to_be_stopped() -> None:
    true, false = Statement("en", FAITHFUL, "It opened."), Statement("en", "negation", "It did not open.")
    passage = Passage("p", "en", "", ("It opened.",), (true, false))

    def strict(sentence: str, evidence: object, **_: object) -> tuple[str, ...]:
        return ("Everything is wrong.",)

    rows = list(measure(strict, [passage]))
    assert [row.right for row in rows] == [False, True]
    assert [line.split("[")[0].split()[-1] for line in table(rows)][:2] == ["0.000", "1.000"]


def test_a_row_without_problems_was_let_through() -> None:
    passage = Passage("p", "en", "", ("It opened.",), ())
    assert Row(passage, Statement("en", FAITHFUL, "It opened."), ()).right
