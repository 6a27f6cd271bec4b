"""Measures: each knows its name, what it says, which way is better, and scores one case or says that there is nothing to score."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from eval import metrics
from eval.cases import Place
from eval.scored import Outcome, Scored, characters, holds
from rag.language import detect_language


@dataclass(frozen=True, slots=True)
class Measure:
    """One score by name; `better` is +1 where more is better, -1 where less is."""

    name: str
    says: str
    score: Callable[[Scored], float | None]
    better: Literal[1, -1] = 1


def _ranked(scored: Scored) -> list[str]:
    """The hits as a ranking of what is sought, "it", once, and of what is not: windows overlap, and the same find is one find."""
    found = [any(holds(hit, e) for e in scored.case.evidence) for hit in scored.result.hits or ()]
    first = found.index(True) if True in found else -1
    return ["it" if at == first else str(at) for at, right in enumerate(found) if at == first or not right]


def _sought(scored: Scored) -> AbstractSet[str]:
    return {"it"} if scored.result.hits is not None and scored.case.evidence else frozenset()


def _documents_at(k: int) -> Callable[[Scored], float | None]:
    def score(s: Scored) -> float | None:
        if s.result.hits is None or not s.case.evidence or len(s.case.documents or s.documents.names) <= k:
            return None
        ranked = list(dict.fromkeys(hit.document for hit in s.result.hits))[:k]
        return float(any(e.document in ranked for e in s.case.evidence))

    return score


def _beyond(k: int, score: Callable[[Scored], float | None]) -> Callable[[Scored], float | None]:
    """A score of the ranking, and nothing where the first k are all there is: they cannot but hold the evidence."""
    return lambda s: score(s) if s.documents.size(s.case.documents) > k else None


def _passages_at(k: int) -> Callable[[Scored], float | None]:
    return _beyond(k, lambda s: metrics.recall_at(_ranked(s), _sought(s), k))


def _outcome(among: AbstractSet[Outcome], counted: AbstractSet[Outcome]) -> Callable[[Scored], float | None]:
    """The share of `counted` among the cases that ended in one of `among`."""
    return lambda s: float(s.outcome in counted) if s.outcome in among else None


def _citation(units: Callable[[Scored, Sequence[Place]], AbstractSet[object]], side: int) -> Callable[[Scored], float | None]:
    """Precision (side 0) of every answer, or recall (side 1) of answers to answerable questions."""

    def score(s: Scored) -> float | None:
        if not s.answered or (side == 1 and not s.case.evidence):
            return None
        return metrics.overlap(units(s, s.cited), [units(s, [e]) for e in s.case.evidence])[side]

    return score


def _passage_citation(side: int) -> Callable[[Scored], float | None]:
    """A citation is right where one passage holds both it and acceptable evidence; recall: whether any is."""

    def score(s: Scored) -> float | None:
        if not s.answered or (side == 1 and not s.case.evidence):
            return None
        right = [bool(s.documents.passages([c]) & s.documents.passages(s.case.evidence)) for c in s.cited]
        return (sum(right) / len(right) if right else 0.0) if side == 0 else float(any(right))

    return score


def _words(metric: Callable[[str, Sequence[str], str], float | None], *, whole: bool = False) -> Callable[[Scored], float | None]:
    """A score of the words of an answer to an answerable question."""

    def score(s: Scored) -> float | None:
        if not s.answered or not s.case.evidence:
            return None
        said = f"{s.answered.text} {' '.join(c.quote for c in s.answered.citations)}" if whole else s.said
        return metric(said, s.case.answers, s.case.document_language or s.case.language)

    return score


def _squad(metric: Callable[[str, Sequence[str], str], float | None]) -> Callable[[Scored], float | None]:
    """SQuAD 2.0's score: of an unanswerable question, 1 for declining; of another, 0 for it."""

    def score(s: Scored) -> float | None:
        if s.answer is None or (s.case.evidence and not s.case.answers):
            return None
        if not s.case.evidence or s.answer.declined:
            return float(s.outcome == "declined")
        return metric(s.said, s.case.answers, s.case.document_language or s.case.language)

    return score


def _language(*, declined: bool) -> Callable[[Scored], float | None]:
    """Whether the text is in the question's language, as the product's own detector hears it."""

    def score(s: Scored) -> float | None:
        if s.answer is None or s.answer.declined != declined:
            return None
        return float(detect_language(re.sub(r"\[\d+\]", "", s.answer.text)) == s.case.language)

    return score


def _support(s: Scored) -> float | None:
    support = s.result.support
    if support is None:
        return None
    shares = {"supported": support.supported, "contradicted": support.contradicted, "neither": support.neither}
    return float(max(shares, key=lambda label: shares[label]) == s.case.kind)


def _first(s: Scored) -> float | None:
    if s.answer is None or not s.case.evidence:
        return None
    return float(s.rests_on_evidence(s.would_cite[:1]))


def _contradicted(s: Scored) -> float | None:
    if not s.answered or not s.case.contradicted:
        return None
    return float(bool(s.documents.sentences(s.cited) & s.documents.sentences(s.case.contradicted)))


_ANSWERABLE: AbstractSet[Outcome] = frozenset({"right", "wrong", "missed"})
_UNANSWERABLE: AbstractSet[Outcome] = frozenset({"declined", "invented"})
_SENTENCE: Callable[[Scored, Sequence[Place]], AbstractSet[object]] = lambda s, places: s.documents.sentences(places)  # noqa: E731
_CHARACTER: Callable[[Scored, Sequence[Place]], AbstractSet[object]] = lambda _, places: characters(places)  # noqa: E731

RIGHT = Measure("right", "answerable questions answered from acceptable evidence", _outcome(_ANSWERABLE, {"right"}))
FOUND = Measure("passage recall@10", "the evidence is whole in one of the first 10 passages", _passages_at(10))
PRECISION = Measure("declining precision", "of what was declined, unanswerable", _outcome({"declined", "missed"}, {"declined"}))
SUPPORT = Measure("support", "statements told rightly: supported, contradicted or neither", _support)

MEASURES: tuple[Measure, ...] = (
    RIGHT,
    Measure("right first", "answerable questions whose best sentence is acceptable evidence, declined or not", _first),
    Measure(
        "risk", "answers that are not from acceptable evidence", _outcome({"right", "wrong", "invented"}, {"wrong", "invented"}), -1
    ),
    Measure("hallucination rate", "unanswerable questions answered (NoMIRACL)", _outcome(_UNANSWERABLE, {"invented"}), -1),
    Measure("error rate", "answerable questions declined (NoMIRACL)", _outcome(_ANSWERABLE, {"missed"}), -1),
    PRECISION,
    Measure("declining recall", "of what is unanswerable, declined", _outcome(_UNANSWERABLE, {"declined"})),
    Measure("quotes the contradiction", "answers to a false premise that quote what contradicts it", _contradicted),
    Measure("citation precision, passage", "of what is cited, beside evidence in a passage", _passage_citation(0)),
    Measure("citation recall, passage", "evidence is in a passage with what is cited", _passage_citation(1)),
    Measure("citation precision, sentence", "of the sentences cited, evidence", _citation(_SENTENCE, 0)),
    Measure("citation recall, sentence", "of the evidence's sentences, cited", _citation(_SENTENCE, 1)),
    Measure("citation precision, character", "of the characters cited, evidence", _citation(_CHARACTER, 0)),
    Measure("citation recall, character", "of the evidence's characters, cited", _citation(_CHARACTER, 1)),
    Measure("exact match", "answered: the words are an accepted answer", _words(metrics.exact_match)),
    Measure("F1", "answered: tokens shared with an accepted answer", _words(metrics.f1)),
    Measure("containment", "answered: text or quote holds an accepted answer", _words(metrics.contains, whole=True)),
    Measure("SQuAD EM", "exact match of all, declining counted as SQuAD 2.0 does", _squad(metrics.exact_match)),
    Measure("SQuAD F1", "F1 of all, declining counted as SQuAD 2.0 does", _squad(metrics.f1)),
    Measure("answer language", "answered: in the question's language", _language(declined=False)),
    Measure("declining language", "declined: in the question's language", _language(declined=True)),
    Measure("passage recall@1", "the evidence is whole in the first passage", _passages_at(1)),
    Measure("passage recall@5", "the evidence is whole in one of the first 5 passages", _passages_at(5)),
    FOUND,
    Measure("passage recall@50", "the evidence is whole in one of the first 50 passages", _passages_at(50)),
    Measure(
        "MRR",
        "1 / rank of the first passage that holds the evidence",
        _beyond(1, lambda s: metrics.reciprocal_rank(_ranked(s), _sought(s))),
    ),
    Measure(
        "nDCG@10",
        "the same, discounted by the logarithm of the rank",
        _beyond(1, lambda s: metrics.ndcg_at(_ranked(s), _sought(s), 10)),
    ),
    Measure("document recall@1", "the first passage is of the right document", _documents_at(1)),
    Measure("document recall@10", "one of the first 10 documents is the right one", _documents_at(10)),
    SUPPORT,
)
