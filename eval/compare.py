"""Two runs side by side, case by case; and a run against the committed baseline."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from eval.cases import CaseError, parsed
from eval.figures import ALL, Figure
from eval.intervals import Difference, paired
from eval.report import Report, SetReport

BASELINE = Path(__file__).with_name("baseline.json")
UNTRAINED = Path(__file__).with_name("untrained.json")
"""What the untrained reader makes of the sets of eval/README.md."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a measure of a set differs between two runs."""

    set: str
    measure: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Baseline:
    """A set's figures as they were, and the hash of the cases that they are of."""

    name: str
    corpus: str
    revision: str
    figures: tuple[Figure, ...]


_BASELINE = TypeAdapter(tuple[Baseline, ...])


def changes(a: Report, b: Report) -> Iterator[Change]:
    """Each measure over the cases that both runs scored.

    Raises:
        CaseError: the runs share no set.
    """
    later = {report.name: report for report in b}
    shared = [(report, later[report.name]) for report in a if report.name in later]
    if not shared:
        raise CaseError("the two runs have no set in common, so there is nothing to compare")
    for before, after in shared:
        there = {scores.case: scores for scores in after.cases}
        pairs = [(scores, there[scores.case]) for scores in before.cases if scores.case in there]
        for measure in dict.fromkeys(name for scores, _ in pairs for name in scores.scores):
            both = [(x, y) for x, y in pairs if measure in x.scores and measure in y.scores]
            xs, ys = [x.scores[measure] for x, _ in both], [y.scores[measure] for _, y in both]
            found = paired(xs, ys, [x.cluster for x, _ in both]) if both else None
            if found:
                yield Change(before.name, measure, found)


def write_baseline(report: Report, path: Path = BASELINE) -> None:
    """Keep the figures over all cases; not latencies, which are a machine's as much as ours."""
    found = tuple(Baseline(r.name, r.record.corpus, r.record.revision, tuple(_gated(r))) for r in report)
    path.write_bytes(_BASELINE.dump_json(found, indent=1) + b"\n")


def kept(path: Path) -> tuple[Baseline, ...]:
    """What `write_baseline` kept there, or nothing; raises `CaseError`."""
    return parsed(_BASELINE, path) if path.exists() else ()


def regressions(report: Report, path: Path = BASELINE) -> list[str]:
    """What fell below the baseline by more than the baseline's interval allows, in sentences; sets it lacks are passed over.

    Raises:
        CaseError: there is no baseline, or it is of other cases.
    """
    then_by_set = {baseline.name: baseline for baseline in parsed(_BASELINE, path)}
    found = []
    for measured in report:
        if (baseline := then_by_set.get(measured.name)) is None:
            continue
        if baseline.corpus != measured.record.corpus:
            raise CaseError(f"{path} is of other cases or documents than this run; renew it with --save-baseline")
        now = {figure.measure: figure for figure in _gated(measured)}
        for then in baseline.figures:
            value = now[then.measure].value if then.measure in now else None
            edge = then.low if then.better > 0 else then.high
            if edge is not None and (value is None or (edge - value) * then.better > 1e-9):
                found.append(
                    f"{measured.name}: {then.measure} is {'no longer scored' if value is None else format(value, '.3f')}; "
                    f"the baseline is {then.value:.3f} [{then.low:.3f}, {then.high:.3f}]"
                )
    return found


def _gated(report: SetReport) -> Iterator[Figure]:
    return (figure for figure in report.figures if figure.group == ALL and not figure.unit)
