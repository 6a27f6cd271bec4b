"""The harness measured: each cheat gets what it deserves on every measure, and none looks good."""

from pathlib import Path

import pytest

from eval.cases import Suite, sampled
from eval.figures import ALL, figures, scored
from eval.goldset import read_gold
from eval.runner import run
from eval.scored import Texts
from rag.records import Document
from tests.eval.cheats import AlwaysDeclines, Cheat, CitesEverything, QuotesAtRandom, QuotesTheFirstSentence

CHEATS = [AlwaysDeclines, QuotesTheFirstSentence, QuotesAtRandom, CitesEverything]


@pytest.fixture(scope="module")
def gold(article: Document) -> Suite:
    return sampled(read_gold([article]), items=60)


def measured(cheat: type[Cheat], suite: Suite, folder: Path) -> dict[str, float]:
    results = run(suite, cheat(suite.documents), folder / "journal.jsonl")
    return {f.measure: round(f.value, 3) for f in figures(suite, scored(suite, results)) if f.group == ALL}


def test_one_that_always_declines_has_no_precision_and_no_words_to_score(gold: Suite, tmp_path: Path) -> None:
    found = measured(AlwaysDeclines, gold, tmp_path)
    assert found["right"] == 0
    assert found["error rate"] == 1
    assert (found["hallucination rate"], found["declining recall"]) == (0, 1)
    asked = [case for case in gold.cases if not case.alone]
    unanswerable = [case for case in asked if not case.evidence]
    assert found["declining precision"] == round(len(unanswerable) / len(asked), 3)
    assert found["SQuAD EM"] == found["SQuAD F1"] == found["declining precision"]
    answered_only = {"risk", "exact match", "F1", "containment", "answer language", "quotes the contradiction"}
    assert not answered_only & set(found), "nothing was answered, so nothing there has a score"
    assert not [name for name in found if name.startswith("citation")]


def test_one_that_quotes_the_first_sentence_is_right_only_where_that_is_the_evidence(gold: Suite, tmp_path: Path) -> None:
    found = measured(QuotesTheFirstSentence, gold, tmp_path)
    first = [c for c in gold.cases if c.evidence and not c.alone and any(e.start <= 1 for e in c.evidence)]
    answerable = [c for c in gold.cases if c.evidence and not c.alone]
    assert found["right"] == round(len(first) / len(answerable), 3)
    assert found["hallucination rate"] == 1
    assert found["error rate"] == found["declining recall"] == 0
    assert "declining precision" not in found, "nothing was declined"


def test_one_that_cites_everything_has_full_recall_and_hardly_any_precision(gold: Suite, tmp_path: Path) -> None:
    found = measured(CitesEverything, gold, tmp_path)
    assert found["citation recall, sentence"] == found["citation recall, character"] == found["citation recall, passage"] == 1
    asked = [c for c in gold.cases if not c.alone]
    cuts = Texts(gold.documents)
    shares = [max((len(cuts.sentences([e])) for e in c.evidence), default=0) / 12 for c in asked]
    assert found["citation precision, sentence"] == pytest.approx(sum(shares) / len(asked), abs=0.001)
    assert found["right"] == 0, "one sentence in twelve is not half"
    assert found["citation precision, character"] < 0.1
    assert found["hallucination rate"] == 1


@pytest.mark.parametrize("cheat", CHEATS)
def test_no_cheat_looks_good(cheat: type[Cheat], gold: Suite, tmp_path: Path) -> None:
    found = measured(cheat, gold, tmp_path)
    assert found["right"] * (1 - found["hallucination rate"]) < 0.2, "useful and careful at once"
    assert found.get("citation precision, sentence", 0) < 0.2
    assert found["F1"] < 0.2 if "F1" in found else found["error rate"] == 1
    assert found["AURC"] == found["AURC of a coin"], "equal confidence in everything ranks nothing"
    assert found["MRR"] < 0.5
    if "declining precision" in found:
        assert found["declining precision"] < 0.5
    else:
        assert found["risk"] > 0.6
