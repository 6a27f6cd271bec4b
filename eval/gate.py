"""The gate's own score: `python -m eval.gate` prints the share of false sentences stopped and of true ones let through."""

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eval.adapters import indonli
from eval.cases import SEED, CaseError
from eval.intervals import share_interval
from rag.config import Config
from rag.embedding import SentenceTransformerEmbedder
from rag.gate import SUPPORTED, Gate, Judge, supported
from rag.reader import TrainedReader

GOLD = Path(__file__).with_name("gold") / "gate.jsonl"
FAITHFUL = "faithful"
Checks = Callable[..., tuple[str, ...]]
"""Called as `Gate.check` is."""


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
    def true(self) -> bool:
        """Whether it says what its passage says."""
        return self.statement.kind == FAITHFUL

    @property
    def right(self) -> bool:
        """Whether a true one was let through, or a false one stopped."""
        return bool(self.problems) != self.true


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


def of_indonli(path: Path) -> list[Passage]:
    """IndoNLI's premises with their hypotheses; what is entailed is true, what is contradicted or neither is false."""
    return [
        Passage(c.cluster, "id", "", (c.premise,), (Statement("id", FAITHFUL if c.kind == "supported" else c.kind, c.question),))
        for c in indonli(path).cases
    ]


def measure(check: Checks, passages: Iterable[Passage]) -> Iterator[Row]:
    """Check every statement against the whole of its passage, in their languages as given."""
    for passage in passages:
        for statement in passage.statements:
            problems = check(
                statement.text,
                passage.evidence,
                language=statement.language,
                evidence_languages=[passage.language] * len(passage.evidence),
                dates=[passage.date],
            )
            yield Row(passage, statement, problems)


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
    parser.add_argument("--indonli", type=Path, help="a file of IndoNLI instead")
    parser.add_argument("--sample", type=int, metavar="N", help="draw N passages")
    parser.add_argument("--rules", action="store_true", help="rules alone, without the reader")
    parser.add_argument("--wrong", action="store_true", help="also list what was judged wrong")
    options = parser.parse_args(arguments)
    home, pairs = Config.load().home, of_indonli(options.indonli) if options.indonli else read_pairs(options.pairs)
    if options.sample and options.sample < len(pairs):
        pairs = random.Random(SEED).sample(pairs, options.sample)
    embedder, reader = SentenceTransformerEmbedder("packaged", home=home), TrainedReader(home)
    checks = {"rules": Gate(None, embedder).check, "judge": alone(reader), "both": Gate(reader, embedder).check}
    for name in ["rules"] if options.rules else list(checks):
        rows = list(measure(checks[name], pairs))
        sys.stdout.write("\n".join([f"\n{name}", *table(rows), *(wrong(rows) if options.wrong else ())]) + "\n")


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The shares of true and false sentences, of each kind of false ones, and of both by languages."""
    false = [row for row in rows if not row.true]
    yield from shares(rows, lambda row: "true, let through" if row.true else "false, stopped")
    yield from shares(false, lambda row: f"  stopped: {row.statement.kind}")
    for kind, some in (("through", [row for row in rows if row.true]), ("stopped", false)):
        yield from shares(some, _languages(kind))


def _languages(kind: str) -> Callable[[Row], str]:
    return lambda row: f"  {row.statement.language} of {row.passage.language}, {kind}"


def wrong(rows: Sequence[Row]) -> Iterator[str]:
    """The sentences that were judged wrong, with why they were stopped."""
    for row in rows:
        if not row.right:
            yield f"{row.passage.id} {row.statement.kind}: {row.statement.text} {' '.join(row.problems)}"


def alone(judge: Judge) -> Checks:
    """A gate that asks the judge and nothing else."""

    def check(sentence: str, evidence: Sequence[str], **_: object) -> tuple[str, ...]:
        return () if supported(judge, sentence, evidence) >= SUPPORTED else ("The reader sees no support.",)

    return check


if __name__ == "__main__":
    main()
