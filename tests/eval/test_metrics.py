"""The test is the definition: expected scores are spelled as arithmetic, and held against a library where one exists."""

import math
import random
from collections.abc import Callable

import ir_measures
import pytest

from eval.metrics import aurc, contains, exact_match, f1, ndcg_at, overlap, recall_at, reciprocal_rank, risk_coverage, tokens

RANKED = ["a", "b", "c", "d", "e"]


def test_recall_is_the_share_of_what_is_relevant_among_the_first_k() -> None:
    assert recall_at(RANKED, {"b", "e", "x"}, 2) == 1 / 3
    assert recall_at(RANKED, {"b", "e", "x"}, 5) == 2 / 3


def test_reciprocal_rank_is_one_over_the_rank_of_the_first_relevant() -> None:
    assert reciprocal_rank(RANKED, {"c", "e"}) == 1 / 3
    assert reciprocal_rank(RANKED, {"x"}) == 0


def test_ndcg_discounts_by_the_logarithm_of_the_rank_and_divides_by_the_best_order() -> None:
    assert ndcg_at(RANKED, {"b", "d"}, 5) == (1 / math.log2(3) + 1 / math.log2(5)) / (1 / math.log2(2) + 1 / math.log2(3))


@pytest.mark.parametrize("seed", range(20))
def test_ranking_metrics_agree_with_ir_measures(seed: int) -> None:
    chance = random.Random(seed)
    ranked = chance.sample([f"d{i}" for i in range(60)], 40)
    relevant = set(chance.sample([f"d{i}" for i in range(60)], chance.randint(1, 8)))
    qrels = [ir_measures.Qrel("q", d, 1) for d in relevant]
    run = [ir_measures.ScoredDoc("q", d, 1 / rank) for rank, d in enumerate(ranked, 1)]
    theirs = ir_measures.calc_aggregate([ir_measures.R @ 10, ir_measures.RR, ir_measures.nDCG @ 10], qrels, run)
    assert theirs[ir_measures.R @ 10] == pytest.approx(recall_at(ranked, relevant, 10))
    assert theirs[ir_measures.RR] == pytest.approx(reciprocal_rank(ranked, relevant))
    assert theirs[ir_measures.nDCG @ 10] == pytest.approx(ndcg_at(ranked, relevant, 10))


@pytest.mark.parametrize("score", [lambda: recall_at(RANKED, set(), 5), lambda: reciprocal_rank(RANKED, set()),
                                   lambda: ndcg_at(RANKED, set(), 5), lambda: exact_match("x", (), "en"),
                                   lambda: f1("x", (), "en"), lambda: contains("x", (), "en"), lambda: aurc([], [])])  # fmt: skip
def test_no_metric_gives_a_score_where_nothing_qualifies(score: Callable[[], float | None]) -> None:
    assert score() is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("The U.S. Army!", "en", ("us", "army"), id="squad: case, punctuation and articles off"),
        pytest.param("The Hague", "de", ("the", "hague"), id="english articles go in english only"),
        pytest.param("an", "tr", ("an",), id="a turkish word is no article"),
        pytest.param("布林肯，日内瓦。", "zh", ("布", "林", "肯", "日", "内", "瓦"), id="a han character is a token"),
        pytest.param("ジュネーブで", "ja", ("ジ", "ュ", "ネ", "ー", "ブ", "で"), id="a kana is a token"),
        pytest.param("ﬁve ５", "en", ("five", "5"), id="compatibility forms are one"),
        pytest.param("हिन्दी में", "hi", ("हिन्दी", "में"), id="vowel signs stay on their letters"),
        pytest.param("«خارجی»؟", "fa", ("خارجی",), id="punctuation is what unicode says"),
        pytest.param("İSTANBUL", "tr", ("i\u0307stanbul",), id="case folds as unicode does"),
    ],
)
def test_tokens(text: str, language: str, expected: tuple[str, ...]) -> None:
    assert tokens(text, language) == expected


def test_exact_match_takes_any_accepted_answer() -> None:
    assert exact_match("The Geneva.", ["Jenewa", "geneva"], "en") == 1
    assert exact_match("in Geneva", ["Jenewa", "geneva"], "en") == 0


def test_f1_is_the_harmonic_mean_of_token_precision_and_recall_with_the_best_answer() -> None:
    precision, recall = 2 / 4, 2 / 3
    assert f1("pada hari Jumat depan", ["hari Jumat kemarin", "Senin"], "id") == pytest.approx(
        2 * precision * recall / (precision + recall)
    )
    assert f1("x x y", ["x"], "id") == pytest.approx(2 * (1 / 3) * 1 / (1 / 3 + 1)), "a repeated token counts once"


def test_containment_is_token_for_token() -> None:
    assert contains("Pada hari Jumat, katanya", ["hari jumat"], "id") == 1
    assert contains("Jumatan", ["Jumat"], "id") == 0


def test_overlap_takes_the_acceptable_evidence_that_fits_best() -> None:
    assert overlap({1, 2, 3, 4}, [{4, 5}, {2, 3, 9}]) == (2 / 4, 2 / 3)
    assert overlap({1}, [{2}]) == (0, 0)
    assert overlap(set(), [{2}]) == (0, 0)


def test_risk_is_the_share_wrong_among_the_surest() -> None:
    assert risk_coverage([0.9, 0.8, 0.7, 0.1], [0, 1, 0, 1]) == [(1 / 4, 0), (2 / 4, 1 / 2), (3 / 4, 1 / 3), (1, 2 / 4)]
    assert aurc([0.9, 0.8, 0.7, 0.1], [0, 1, 0, 1]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)


def test_cases_of_equal_confidence_come_in_together_so_that_their_order_earns_nothing() -> None:
    assert risk_coverage([0.5, 0.5], [0, 1]) == risk_coverage([0.5, 0.5], [1, 0]) == [(1, 1 / 2)]
