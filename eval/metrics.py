"""The arithmetic of every score: pure functions of plain values. None stands for "nothing to score here"."""

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

_ENGLISH_ARTICLES = frozenset({"a", "an", "the"})
# Scripts written without spaces: each character is a token, as MLQA counts them (Han, kana, Thai, Lao, Burmese, Khmer).
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")


def recall_at(ranked: Sequence[Hashable], relevant: AbstractSet[Hashable], k: int) -> float | None:
    """The share of what is relevant that stands among the first k."""
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else None


def reciprocal_rank(ranked: Sequence[Hashable], relevant: AbstractSet[Hashable]) -> float | None:
    """1 / the rank of the first that is relevant; 0 where none is."""
    if not relevant:
        return None
    return next((1 / rank for rank, item in enumerate(ranked, 1) if item in relevant), 0.0)


def ndcg_at(ranked: Sequence[Hashable], relevant: AbstractSet[Hashable], k: int) -> float | None:
    """Gain 1 / log2(rank + 1) of each relevant one among the first k, as a share of the best possible order's."""
    if not relevant:
        return None
    gained = sum(1 / math.log2(rank + 1) for rank, item in enumerate(ranked[:k], 1) if item in relevant)
    return gained / sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))


@lru_cache(maxsize=100_000)  # an accepted answer is looked at once for each case and measure
def tokens(text: str, language: str) -> tuple[str, ...]:
    """SQuAD's normalisation, made fit for any script: case and punctuation off, English articles off in English only.

    Punctuation is what Unicode or ASCII (as SQuAD has it) says it is; a character of a script without spaces is a token.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(c for c in folded if unicodedata.category(c)[0] != "P" and c not in string.punctuation)
    words = _UNSPACED.sub(r" \1 ", bare).split()
    return tuple(word for word in words if language != "en" or word not in _ENGLISH_ARTICLES)


def exact_match(said: str, answers: Sequence[str], language: str) -> float | None:
    """1 where what was said is one of the answers, after `tokens`."""
    if not answers:
        return None
    return float(any(tokens(said, language) == tokens(answer, language) for answer in answers))


def f1(said: str, answers: Sequence[str], language: str) -> float | None:
    """The best harmonic mean of token precision and recall over the answers (SQuAD)."""
    if not answers:
        return None
    return max(_f1(Counter(tokens(said, language)), Counter(tokens(answer, language))) for answer in answers)


def contains(said: str, answers: Sequence[str], language: str) -> float | None:
    """1 where one of the answers stands in what was said, token for token."""
    if not answers:
        return None
    words = tokens(said, language)
    sought = [tokens(answer, language) for answer in answers]
    return float(any(words[at : at + len(s)] == s for s in sought if s for at in range(len(words) - len(s) + 1)))


def overlap(cited: AbstractSet[Hashable], accepted: Sequence[AbstractSet[Hashable]]) -> tuple[float, float]:
    """Precision and recall of what is cited against the acceptable evidence it fits best (by F1); (0, 0) where none fits."""
    pairs = [(len(cited & gold) / len(cited), len(cited & gold) / len(gold)) for gold in accepted if cited and gold]
    return max(pairs, key=lambda pair: harmonic(*pair), default=(0.0, 0.0))


def harmonic(precision: float, recall: float) -> float:
    """The harmonic mean, 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def risk_coverage(confidences: Sequence[float], wrong: Sequence[float]) -> list[tuple[float, float]]:
    """What share would be wrong (risk) if only the surest share (coverage) were answered, at each confidence in turn.

    Cases of equal confidence come in together: their order is not the system's doing.
    """
    curve: list[tuple[float, float]] = []
    errors = 0.0
    order = sorted(range(len(wrong)), key=lambda i: -confidences[i])
    for done, i in enumerate(order, 1):
        errors += wrong[i]
        if done == len(order) or confidences[order[done]] < confidences[i]:
            curve.append((done / len(order), errors / done))
    return curve


def aurc(confidences: Sequence[float], wrong: Sequence[float]) -> float | None:
    """The area under the risk-coverage curve, each step at its right edge's risk: low is good, a coin flip's is the mean risk."""
    curve = risk_coverage(confidences, wrong)
    edges = [0.0, *(coverage for coverage, _ in curve)]
    return sum((high - low) * risk for low, high, (_, risk) in zip(edges, edges[1:], curve, strict=False)) if curve else None


def _f1(said: Counter[str], answer: Counter[str]) -> float:
    if not said or not answer:
        return float(said == answer)
    common = (said & answer).total()
    return harmonic(common / said.total(), common / answer.total())
