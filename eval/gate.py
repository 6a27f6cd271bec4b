"""The gate's own score: `python -m eval.gate` prints the share of false sentences stopped and of true ones let through."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eval.cases import CaseError
from eval.intervals import share_interval
from rag.config import Config
from rag.embedding import SentenceTransformerEmbedder
from rag.gate import Gate, Judge
from rag.reader import TrainedReader

GOLD = Path(__file__).with_name("gold") / "gate.jsonl"
FAITHFUL = "faithful"
KINDS = ("number", "name", "negation", "modality", "time", "speaker", "added", "roles")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about a passage: true to it (`faithful`), or altered in one way."""

    language: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences of made-up news of a day, and statements about them."""

    id: str
    language: str
    date: str
    evidence: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A statement as it was judged."""

    passage: Passage
    statement: Statement
    problems: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether a true one was let through, or a false one stopped."""
        return bool(self.problems) != (self.statement.kind == FAITHFUL)


def read_pairs(path: Path) -> list[Passage]:
    """The passages of a file, one a line.

    Raises:
        CaseError: a line is not one; the message names it.
    """
    adapter = TypeAdapter(Passage)
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            found.append(adapter.validate_json(line))
        except ValidationError as error:
            raise CaseError(f"{path}, line {number}: {error.errors()[0]['msg']}") from error
    return found


def measure(gate: Gate, passages: Iterable[Passage]) -> Iterator[Row]:
    """Check every statement against the whole of its passage, in their languages as given."""
    for passage in passages:
        for statement in passage.statements:
            verdict = gate.check(
                statement.text,
                passage.evidence,
                language=statement.language,
                evidence_languages=[passage.language] * len(passage.evidence),
                dates=[passage.date],
            )
            yield Row(passage, statement, verdict.problems)


def shares(rows: Sequence[Row], group: Callable[[Row], str]) -> Iterator[str]:
    """For each group, the share judged right, with its interval by passage."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    for name, some in groups.items():
        values = [float(row.right) for row in some]
        low, high = share_interval(values, [row.passage.id for row in some])
        yield f"{name:28} {sum(values) / len(some):.3f} [{low:.3f}, {high:.3f}] {len(some):5}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables: rules alone, the judge alone, both."""
    parser = argparse.ArgumentParser(prog="python -m eval.gate", description=__doc__)
    parser.add_argument("--pairs", type=Path, default=GOLD, help="a file like eval/gold/gate.jsonl")
    parser.add_argument("--only", choices=["rules", "judge", "both"], action="append", help="what is to check (all three)")
    parser.add_argument("--wrong", action="store_true", help="also list what was judged wrong")
    options = parser.parse_args(arguments)
    home = Config.load().home
    for name in options.only or ["rules", "judge", "both"]:
        rows = list(measure(gates(home)[name], read_pairs(options.pairs)))
        sys.stdout.write(f"\n{name}\n")
        for line in (
            *shares(rows, lambda row: "true, let through" if row.statement.kind == FAITHFUL else "false, stopped"),
            *shares([r for r in rows if r.statement.kind != FAITHFUL], lambda row: f"  stopped: {row.statement.kind}"),
            *shares(
                rows,
                lambda r: (
                    f"  {r.statement.language} of {r.passage.language}, {'true' if r.statement.kind == FAITHFUL else 'false'}"
                ),
            ),
        ):
            sys.stdout.write(line + "\n")
        for row in rows if options.wrong else ():
            if not row.right:
                sys.stdout.write(f"{row.passage.id} {row.statement.kind}: {row.statement.text} {' '.join(row.problems)}\n")


def gates(home: Path) -> dict[str, Gate]:
    """The gate with rules alone, with nothing but the reader's judgement, and whole."""
    embedder = SentenceTransformerEmbedder("packaged", home=home)
    reader = TrainedReader(home, embedder)
    return {"rules": Gate(None, embedder), "judge": JudgeAlone(reader), "both": Gate(reader, embedder)}


class JudgeAlone(Gate):
    """Asks the reader and nothing else."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(judge)


if __name__ == "__main__":
    main()
