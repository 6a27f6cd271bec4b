"""The command line of measuring: arguments in, figures out."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.adapters import ADAPTERS, read_set
from eval.cases import Suite, given, read_gold, sampled
from eval.figures import scored
from eval.page import Measured, page
from eval.record import documents_hash, record, run_key
from eval.report import measured, write_json
from eval.runner import opened, run
from eval.table import ERR, progress, show
from rag.config import Config
from rag.corpus import read_corpus
from rag.errors import RagError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure the assistant; every figure with n and interval.")
    parser.add_argument("--set", action="append", dest="sets", metavar="KIND:PATH", help=f"gold, or one of {', '.join(ADAPTERS)}")
    parser.add_argument("--sample", type=int, metavar="N", help="draw N items of each set (an item in every language it has)")
    parser.add_argument("--pool", type=int, metavar="N", help="index at most N documents, those with evidence first")
    parser.add_argument("--given", action="store_true", help="ask each question of its own document only (reading comprehension)")
    parser.add_argument("--only", choices=["retrieval"], default="", help="look up passages and ask nothing: quick")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run of the same code and cases found")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    given_arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given_arguments)
    try:
        config = Config.load()
        home = config.home / "eval"
        command = shlex.join(given_arguments)
        done = [_measure(config, _suite(config, spec, options), home, options, command) for spec in options.sets or ["gold"]]
        write_json(tuple(report for report, _ in done), home / "report.json")
        (home / "report.html").write_text(page(done), "utf-8")
    except RagError as error:
        ERR.print(f"error: {error}", highlight=False, markup=False)
        return 1
    return 0


def _suite(config: Config, spec: str, options: argparse.Namespace) -> Suite:
    kind, _, path = spec.partition(":")
    suite = read_gold(read_corpus(config.corpus)) if spec == "gold" else read_set(kind, Path(path))
    suite = sampled(suite, items=options.sample, pool=options.pool)
    return given(suite) if options.given else suite


def _measure(config: Config, suite: Suite, home: Path, options: argparse.Namespace, command: str) -> Measured:
    part = options.only or suite.part
    suite = replace(suite, part=part, about=f"{suite.about}; retrieval only" if options.only else suite.about)
    journal = home / "runs" / f"{run_key(config, suite)}.jsonl"
    if options.fresh:
        journal.unlink(missing_ok=True)
    with (
        progress(f"indexing {suite.name}") as indexing,
        opened(config, suite, home / "indexes" / documents_hash(suite), indexing) as assistant,
    ):
        with progress(f"asking {suite.name}") as asking:
            results = run(suite, assistant, journal, progress=asking)
        rows = scored(suite, results)
        models = next((dict(row.answer.manifest) for row in rows if row.answer), assistant.library.manifest)
    found = measured(suite, rows, record(config, suite, models), f"python -m eval {command}".strip())
    show(found)
    return found, rows


if __name__ == "__main__":
    sys.exit(main())
