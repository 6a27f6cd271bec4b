"""A measured set as a value, and as JSON for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from eval.cases import Suite, parsed
from eval.figures import Figure, Parity, figures, headline, matrix, parity
from eval.measures import MEASURES
from eval.record import Record
from eval.scored import Scored

Cell = tuple[str, str, float, int]
"""Question's language, documents' language, value, n."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A case's measures by name, for comparing runs case by case."""

    case: str
    cluster: str
    outcome: str | None
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class SetReport:
    """One set, measured."""

    name: str
    about: str
    command: str
    record: Record
    headline: str
    figures: tuple[Figure, ...]
    parity: tuple[Parity, ...]
    matrix: tuple[Cell, ...]
    cases: tuple[Scores, ...] = ()


Report = tuple[SetReport, ...]
_REPORT = TypeAdapter(Report)


def measured(suite: Suite, rows: Sequence[Scored], record: Record, command: str) -> SetReport:
    """Everything that can be said about a suite's scored results."""
    cases = tuple(
        Scores(r.case.id, r.case.cluster, r.outcome, {m.name: s for m in MEASURES if (s := m.score(r)) is not None}) for r in rows
    )
    return SetReport(
        name=suite.name,
        about=suite.about,
        command=command,
        record=record,
        headline=headline(rows).name,
        figures=tuple(figures(suite, rows)),
        parity=tuple(parity(rows)),
        matrix=tuple((asked, target, value, n) for (asked, target), (value, n) in matrix(rows).items()),
        cases=cases,
    )


def write_json(report: Report, path: Path) -> None:
    """Write a report for machines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_REPORT.dump_json(report, indent=1))


def read_json(path: Path) -> Report:
    """Read a report back; raises `CaseError`."""
    return parsed(_REPORT, path)
