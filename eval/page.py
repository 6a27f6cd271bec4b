"""A report as one HTML page: nothing is fetched and nothing is run, so that it also opens in a sandbox."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from eval import metrics
from eval.figures import ALL, confidences, headline
from eval.measures import MEASURES, Measure
from eval.report import SetReport
from eval.scored import Scored
from eval.table import difference, interval, number, worst

MOST_CASES = 2000
"""Cases shown of one set; where there are more, those that went wrong come first."""
_TILES = ("right", "risk", "hallucination rate", "error rate", "AURC", "support", "passage recall@10", "MRR", "document recall@10")
_BAD = frozenset({"wrong", "missed", "invented"})
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


Measured = tuple[SetReport, Sequence[Scored]]


def page(measured: Sequence[Measured]) -> str:
    """The page of one or more measured sets."""
    return _TEMPLATES.get_template("report.html").render(
        sets=[_view(*one) for one in measured], says={m.name: m.says for m in MEASURES}
    )


def _view(report: SetReport, rows: Sequence[Scored]) -> dict[str, Any]:
    """What the template shows of a set."""
    overall = {f.measure: f for f in report.figures if f.group == ALL}
    cases = [_case(row, headline(rows)) for row in rows]
    languages = [f for f in report.figures if f.group.startswith("language ") and f.measure == report.headline]
    by_value = sorted(languages, key=lambda f: -f.value)
    groups = [f for f in report.figures if f.group != ALL]
    return {
        "report": report,
        "tiles": [overall[name] for name in _TILES if name in overall][:5],
        "figures": list(overall.values()),
        "groups": groups,
        "bars": [(f.group.removeprefix("language "), f.value, f.low or 0.0, f.high or 0.0, f.n) for f in by_value],
        "worst": worst(report) if report.parity else "",
        "curve": metrics.risk_coverage(*confidences(rows)[:2]),
        "now": _operating_point(rows),
        "outcomes": Counter(row.outcome for row in rows if row.outcome and not row.case.alone),
        "latencies": _latencies(rows) if "latency p50" in overall else [],
        "matrix": _matrix(report),
        "cases": sorted(cases, key=lambda case: not case["bad"])[:MOST_CASES],
        "bad": sum(case["bad"] for case in cases),
        "total": len(cases),
    }


def _case(row: Scored, measure: Measure) -> dict[str, Any]:
    """A case with its answer, evidence and gold side by side."""
    answer, quote = row.answer, row.documents.quote
    found = measure.score(row)
    outcome = row.outcome or {None: "", 0.0: "missed", 1.0: "right"}.get(found, "")
    support = row.result.support
    return {
        "case": row.case,
        "outcome": outcome,
        "bad": outcome in _BAD,
        "direction": "rtl" if row.case.language in _RIGHT_TO_LEFT else "ltr",
        "text": answer.text if answer else "",
        "confidence": answer.confidence if answer else None,
        "quotes": [c.quote for c in answer.citations] if answer else [],
        "nearest": [n.quote for n in answer.nearest[:1]] if answer else [],
        "hits": [quote(hit) for hit in (row.result.hits or ())[:1]],
        "gold": [quote(place) for place in row.case.evidence],
        "against": [quote(place) for place in row.case.contradicted],
        "support": f"{support.supported:.2f} / {support.contradicted:.2f} / {support.neither:.2f}" if support else "",
    }


def _operating_point(rows: Sequence[Scored]) -> tuple[float, float] | None:
    """Coverage and risk as the system is configured; None where it answers nothing."""
    asked = [row for row in rows if row.answer and not row.case.alone]
    answered = [row for row in asked if row.answered]
    wrong = sum(row.outcome != "right" for row in answered)
    return (len(answered) / len(asked), wrong / len(answered)) if answered else None


def _latencies(rows: Sequence[Scored]) -> list[tuple[str, int]]:
    """How many questions took how long, in ten equal steps up to the 99th percentile."""
    times = [row.answer.timings_ms["total"] for row in rows if row.answer and "total" in row.answer.timings_ms]
    counts, edges = np.histogram(times, bins=10, range=(0, float(np.percentile(times, 99))))
    return [(f"{edge:.0f}", int(count)) for edge, count in zip(edges[1:], counts, strict=True)]


def _matrix(report: SetReport) -> dict[str, Any]:
    asked, targets = (sorted({cell[side] for cell in report.matrix}) for side in (0, 1))
    return {"targets": targets, "rows": asked, "cells": {cell[:2]: cell[2:] for cell in report.matrix}}


_TEMPLATES = Environment(
    loader=PackageLoader("eval", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {"number": number, "interval": interval, "difference": difference}
