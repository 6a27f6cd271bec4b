"""Figures in a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.figures import ALL, Figure
from eval.intervals import Difference
from eval.report import SetReport

OUT = Console()
ERR = Console(stderr=True)


def number(value: float | None, unit: str = "") -> str:
    """A figure's value as people read it: milliseconds whole, everything else to three places."""
    if value is None:
        return "-"
    return f"{value:,.0f} {unit}" if unit else f"{value:.3f}"


def interval(figure: Figure) -> str:
    """Its interval, or that there is none to give."""
    if figure.low is None:
        return "one cluster"
    return f"[{number(figure.low, figure.unit)}, {number(figure.high, figure.unit)}]"


def show(report: SetReport) -> None:
    """Print a set's figures: those over all cases, those of groups side by side, the worst language against English."""
    OUT.print(f"\n[bold]{report.name}[/bold]  {report.about}", highlight=False)
    table = Table("measure", "value", "95 % interval", "n", box=None, header_style="dim")
    for f in report.figures:
        if f.group == ALL:
            table.add_row(f.measure, number(f.value, f.unit), interval(f), f"{f.n:,}")
    OUT.print(table)
    groups = {f.group: {g.measure: g for g in report.figures if g.group == f.group} for f in report.figures if f.group != ALL}
    measures = list(dict.fromkeys(name for group in groups.values() for name in group))
    table = Table("group", *measures, box=None, header_style="dim")
    for group, found in groups.items():
        cells = [found.get(name) for name in measures]
        table.add_row(group, *(f"{number(f.value)} {interval(f)} {f.n}" if f else "" for f in cells))
    if groups:
        OUT.print(table)
    if report.parity:
        OUT.print(f"worst language against English ({report.headline}): {worst(report)}", highlight=False)


def worst(report: SetReport) -> str:
    """The language furthest behind English, in a sentence."""
    first = report.parity[0]
    return f"{first.language} {difference(first.difference)}"


def difference(d: Difference) -> str:
    """A difference with its interval, what may be said of it, and the smallest that the set could show."""
    return f"{d.value:+.3f} [{d.low:+.3f}, {d.high:+.3f}] {d.verdict} (n {d.n}; smallest this set could show {d.smallest:.3f})"


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error; nothing but its end where that is no terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=ERR, transient=ERR.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
