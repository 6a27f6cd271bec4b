"""The command line of measuring: arguments in, figures out."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eval import readme, reliance
from eval.adapters import ADAPTERS, read_set
from eval.cases import Suite, among, given, sampled
from eval.compare import BASELINE, UNTRAINED, changes, regressions, write_baseline
from eval.figures import scored
from eval.goldset import read_gold
from eval.page import Measured, page
from eval.record import documents_hash, record, run_key
from eval.report import measured, read_json, write_json
from eval.runner import opened, run
from eval.table import ERR, OUT, difference, progress, show
from rag.config import Config
from rag.corpus import read_corpus
from rag.errors import RagError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure the assistant; every figure with n and interval.")
    parser.add_argument("--set", action="append", dest="sets", metavar="KIND:PATH", help=f"gold, or one of {', '.join(ADAPTERS)}")
    parser.add_argument("--among", action="append", default=[], metavar="KIND:PATH", help="index that set's documents too")
    parser.add_argument("--sample", type=int, metavar="N", help="draw N items of each set (an item in every language it has)")
    parser.add_argument("--cases", type=int, metavar="N", help="draw N cases of each set; with --readme, at most N")
    parser.add_argument("--pool", type=int, metavar="N", help="index at most N documents, those with evidence first")
    parser.add_argument("--given", action="store_true", help="ask each question of its own document only (reading comprehension)")
    parser.add_argument("--only", choices=["retrieval"], default="", help="look up passages and ask nothing: quick")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run of the same code and cases found")
    parser.add_argument("--save-baseline", action="store_true", help="make this run what later ones must not fall below")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two reports (report.json), case by case")
    parser.add_argument("--readme", type=Path, metavar="DATA", help="measure every set in that folder and renew eval/README.md")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 1 where something failed or fell below the baseline."""
    # As many questions at once as there are cores, each on one: threads that share a question wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    typed = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    options = parser.parse_args(typed)
    try:
        if options.compare:
            return _compare(*options.compare)
        config = Config.load()
        if options.readme:
            untrained, every = config.reader == "similarity", []
            for line in readme.commands(options.readme, options.cases, untrained=untrained):
                for one, _ in _run(config, parser.parse_args([*line, *["--fresh"] * options.fresh]), line):
                    every.append(one)
                    if not untrained:
                        readme.renew(one)
            if untrained:
                write_baseline(tuple(every), UNTRAINED)
            return 0
        done = _run(config, options, typed)
        report = tuple(report for report, _ in done)
        write_json(report, config.home / "eval" / "report.json")
        (config.home / "eval" / "report.html").write_text(page(done), "utf-8")
        if options.save_baseline:
            write_baseline(report)
        part = options.sample or options.cases or options.pool or options.given
        fallen = regressions(report) if BASELINE.exists() and not part else []
        for sentence in fallen:
            ERR.print(f"below the baseline: {sentence}", style="bold red", highlight=False)
    except RagError as error:
        ERR.print(f"error: {error}", highlight=False, markup=False)
        return 1
    return 1 if fallen else 0


def _run(config: Config, options: argparse.Namespace, typed: Sequence[str]) -> list[Measured]:
    command = f"python -m eval {shlex.join(typed)}".strip()
    return [_measure(config, _suite(config, spec, options), command, fresh=options.fresh) for spec in options.sets or ["gold"]]


def _suite(config: Config, spec: str, options: argparse.Namespace) -> Suite:
    suite = among(_read(config, spec), [_read(config, other) for other in options.among])
    suite = sampled(suite, items=options.sample, cases=options.cases, pool=options.pool)
    suite = given(suite) if options.given else suite
    return replace(suite, part="retrieval", name=f"{suite.name} retrieval") if options.only else suite


def _read(config: Config, spec: str) -> Suite:
    kind, _, path = spec.partition(":")
    return read_gold(read_corpus(config.corpus)) if spec == "gold" else read_set(kind, Path(path))


def _measure(config: Config, suite: Suite, command: str, *, fresh: bool) -> Measured:
    home = config.home / "eval"
    journal = home / "runs" / f"{run_key(config, suite)}.jsonl"
    if fresh:
        journal.unlink(missing_ok=True)
    with (
        progress(f"indexing {suite.name}") as indexing,
        opened(config, suite, home / "indexes" / documents_hash(suite), indexing) as assistant,
    ):
        with progress(f"asking {suite.name}") as asking:
            rows = scored(suite, run(suite, assistant, journal, progress=asking, at_once=os.cpu_count() or 1))
        models = next((dict(row.answer.manifest) for row in rows if row.answer), assistant.manifest)
    found = measured(suite, rows, record(config, suite, models), command)
    if suite.edits and suite.part == "answers":
        # A library of its own, thrown away: its documents are altered again and again.
        with (
            TemporaryDirectory() as folder,
            opened(config, suite, Path(folder), lambda *_: None) as assistant,
            progress("reliance") as trying,
        ):
            found = replace(found, figures=(*found.figures, *reliance.measure(suite, rows, assistant, journal, trying)))
    show(found)
    return found, rows


def _compare(a: Path, b: Path) -> int:
    for change in changes(read_json(a), read_json(b)):
        OUT.print(f"{change.set}  {change.measure}: {difference(change.difference)}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
