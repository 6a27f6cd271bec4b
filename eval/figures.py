"""Scores -> figures: a value with n and a 95 % interval, for all cases and for each group; nothing is a figure of no case."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eval import metrics
from eval.cases import Case, Suite
from eval.intervals import Difference, Interval, mean_interval, paired, share_interval, statistic_interval
from eval.measures import FOUND, MEASURES, PRECISION, RIGHT, SUPPORT, Measure
from eval.runner import Result
from eval.scored import Scored, Texts

ALL = "all"
REFERENCE = "en"
"""The language that others are measured against."""
_GROUPED = {"right", "hallucination rate", "passage recall@10", "support"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: of which measure, over which group of cases, how many, and how far it can be trusted."""

    measure: str
    group: str
    value: float
    low: float | None
    high: float | None
    n: int
    better: int = 1
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Parity:
    """A language beside English over the items asked in both: the difference of their means, item by item."""

    language: str
    difference: Difference


def scored(suite: Suite, results: Sequence[Result]) -> list[Scored]:
    """Cases and results side by side."""
    texts = Texts(suite.documents)
    return [Scored(case, result, texts) for case, result in zip(suite.cases, results, strict=True)]


def figures(suite: Suite, rows: Sequence[Scored]) -> list[Figure]:
    """Every figure that these results allow: measures over all, headline measures by kind and language, then what is no mean."""
    main = [row for row in rows if not row.case.alone]
    unanswerable = any(not row.case.evidence for row in main)
    measures = [measure for measure in MEASURES if measure is not PRECISION or unanswerable]  # else it cannot but be 0
    found = [one for measure in measures for one in _of_measure(measure, main)]
    found += _undisturbed(rows)
    found += _ranked_by_confidence(main)
    return found + ([] if suite.batched else _latencies(main))


def headline(rows: Sequence[Scored]) -> Measure:
    """The one measure by which languages are compared: of answers, else of retrieval, else of support."""
    if any(row.answer for row in rows):
        return RIGHT
    return SUPPORT if any(row.result.support for row in rows) else FOUND


def parity(rows: Sequence[Scored]) -> list[Parity]:
    """Each language against English, worst first."""
    measure = headline(rows)
    by_language: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    clusters = {(row.case.item, row.case.document_language): row.case.cluster for row in rows}
    for row in rows:
        if not row.case.after and not row.case.alone and (score := measure.score(row)) is not None:
            by_language[row.case.language][row.case.item, row.case.document_language].append(score)
    english = by_language.pop(REFERENCE, {})
    found = []
    for language, items in by_language.items():
        both = [item for item in items if item in english]
        there, here = ([float(np.mean(side[item])) for item in both] for side in (english, items))
        if both and (difference := paired(there, here, [clusters[item] for item in both])):
            found.append(Parity(language, difference))
    return sorted(found, key=lambda p: p.difference.value)


def matrix(rows: Sequence[Scored]) -> dict[tuple[str, str], tuple[float, int]]:
    """The headline measure for each (question's language, documents' language), with n; empty for one language of documents."""
    measure = headline(rows)
    cells: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row.case.document_language and (score := measure.score(row)) is not None:
            cells[row.case.language, row.case.document_language].append(score)
    if len({target for _, target in cells}) < 2:
        return {}
    return {pair: (float(np.mean(scores)), len(scores)) for pair, scores in cells.items()}


def confidences(rows: Sequence[Scored]) -> tuple[list[float], list[float], list[str]]:
    """Of every question: how sure the system was, whether what it said or would have said is wrong, and its cluster."""
    asked = [row for row in rows if row.answer and not row.case.alone]
    wrong = [float(not row.rests_on_evidence(row.would_cite)) for row in asked]
    return [row.answer.confidence for row in asked if row.answer], wrong, [row.case.cluster for row in asked]


def figure(measure: Measure, group: str, values: Sequence[float], clusters: Sequence[str]) -> Figure:
    """The mean of a measure's scores with its interval: Wilson's where each score is 0 or 1, else drawn by cluster."""
    interval = share_interval(values, clusters) if {*values} <= {0.0, 1.0} else mean_interval(values, clusters)
    low, high = interval or (None, None)
    return Figure(measure.name, group, float(np.mean(values)), low, high, len(values), measure.better)


def _of_measure(measure: Measure, rows: Sequence[Scored]) -> Iterator[Figure]:
    scores = [(row.case, score) for row in rows if (score := measure.score(row)) is not None]
    groups: dict[str, list[tuple[Case, float]]] = {ALL: scores} if scores else {}
    if measure.name in _GROUPED:
        for attribute in ("kind", "language"):
            split = defaultdict(list)
            for case, score in scores:
                split[f"{attribute} {getattr(case, attribute)}"].append((case, score))
            groups |= dict(sorted(split.items())) if len(split) > 1 else {}
    for group, members in groups.items():
        yield figure(measure, group, [score for _, score in members], [case.cluster for case, _ in members])


def _undisturbed(rows: Sequence[Scored]) -> list[Figure]:
    """Of the turns that lean on nothing, how many were answered as they are without their history."""
    turns = {row.case.id: row for row in rows if row.answer}
    pairs = [(row, turns[row.case.alone]) for row in rows if row.case.alone in turns]
    same = [float(alone.cited == turn.cited) for alone, turn in pairs]
    measure = Measure("untouched by history", "turns that lean on nothing, answered as without history", lambda _: None)
    return [figure(measure, ALL, same, [alone.case.cluster for alone, _ in pairs])] if pairs else []


def _ranked_by_confidence(rows: Sequence[Scored]) -> list[Figure]:
    sure, wrong, clusters = confidences(rows)
    if not sure:
        return []

    def area(chosen: Sequence[int]) -> float:
        return metrics.aurc([sure[i] for i in chosen], [wrong[i] for i in chosen]) or 0.0

    def blind(chosen: Sequence[int]) -> float:
        return float(np.mean([wrong[i] for i in chosen]))

    return [_statistic("AURC", area, clusters), _statistic("AURC of a coin", blind, clusters)]


def _latencies(rows: Sequence[Scored]) -> list[Figure]:
    asked = [row for row in rows if row.answer and "total" in row.answer.timings_ms]
    times = np.array([row.answer.timings_ms["total"] for row in asked if row.answer])
    clusters = [row.case.cluster for row in asked]
    if not clusters:
        return []

    def percentile(share: int) -> Callable[[Sequence[int]], float]:
        return lambda chosen: float(np.percentile(times[list(chosen)], share))

    return [_statistic(f"latency p{share}", percentile(share), clusters, unit="ms") for share in (50, 95)]


def _statistic(name: str, statistic: Callable[[Sequence[int]], float], clusters: Sequence[str], unit: str = "") -> Figure:
    interval: Interval | None = statistic_interval(statistic, clusters)
    value = statistic(range(len(clusters)))
    low, high = interval or (None, None)
    return Figure(name, ALL, value, low, high, len(clusters), -1, unit)
