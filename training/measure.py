"""`python -m training.measure`: the figures of the model card, of the untrained reader and of ours, as Markdown rows.

None of the sets but `ours` was seen while training, choosing or calibrating.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eval.intervals import mean_interval, statistic_interval
from eval.metrics import exact_match, f1
from rag.embedding import Embedder, SentenceTransformerEmbedder
from rag.packaged import packaged_model
from rag.reader import Reader, SimilarityReader, TrainedReader
from training import cases, data
from training.calibrate import Row, read
from training.cases import Case
from training.development import auroc
from training.train import HOME
from training.vectors import Kept

RISK = 0.1
CORRECT = ("supported", "contradicted", "neither")


@dataclass(frozen=True)
class Figure:
    """A measured value with its 95 % interval (whole documents drawn with replacement)."""

    name: str
    n: int
    value: float
    interval: tuple[float, float] | None

    def __str__(self) -> str:
        low, high = self.interval or (float("nan"), float("nan"))
        return f"| {self.name} | {self.n} | {self.value:.3f} ({low:.3f} to {high:.3f}) |"


def mean(name: str, values: Sequence[float], clusters: Sequence[str]) -> Figure:
    """The mean of a case's values."""
    return Figure(name, len(values), float(np.mean(values)), mean_interval(values, clusters))


def separation(rows: Sequence[Row], sure: Sequence[float], clusters: Sequence[str]) -> tuple[float, tuple[float, float] | None]:
    """AUROC of the probabilities, answerable against not, and its interval."""

    def of(chosen: Sequence[int]) -> float:
        return auroc(*([sure[i] for i in chosen if rows[i].answerable is kind] for kind in (True, False)))

    return of(range(len(rows))), statistic_interval(of, clusters)


def judge(name: str, reader: Reader, some: Sequence[Case]) -> Iterator[Figure]:
    """The right sentence first; answerable from unanswerable; what is answered at the default risk, and how well."""
    rows, clusters = list(read(reader, some)), [case.document for case in some]
    answerable = [i for i, row in enumerate(rows) if row.answerable]
    yield mean(f"{name}: right sentence first", [rows[i].right[0] for i in answerable], [clusters[i] for i in answerable])
    sure = [reader.calibration.probability(row.scores) for row in rows]
    if len(answerable) < len(rows):
        yield Figure(f"{name}: answerable from not, AUROC", len(rows), *separation(rows, sure, clusters))
    answered = [i for i in range(len(rows)) if not reader.calibration.declines(sure[i], RISK)]
    yield mean(f"{name}: answered at risk {RISK}", [float(i in set(answered)) for i in range(len(rows))], clusters)
    if answered:
        wrong = [float(not rows[i].right[0]) for i in answered]
        yield mean(f"{name}: of these unsupported", wrong, [clusters[i] for i in answered])
    yield from words(name, rows, set(answered), clusters)


def words(name: str, rows: Sequence[Row], answered: set[int], clusters: Sequence[str]) -> Iterator[Figure]:
    """EM and F1 of the words given: where there is an answer, and over all with declining, which is right where there is none."""
    answerable = [i for i, row in enumerate(rows) if row.answerable]
    for measure, label in ((exact_match, "EM"), (f1, "F1")):
        best = [measure(row.words, row.answers, "id") or 0.0 for row in rows]
        yield mean(f"{name}: {label} where there is an answer", [best[i] for i in answerable], [clusters[i] for i in answerable])
        if len(answerable) < len(rows):
            with_declining = [
                best[i] * (i in answered) if row.answerable else float(i not in answered) for i, row in enumerate(rows)
            ]
            yield mean(f"{name}: {label} with declining", with_declining, clusters)


def support(reader: Reader, some: Sequence[data.Statement]) -> Iterator[Figure]:
    """The share of pairs that are judged right."""
    right = []
    for pair in some:
        found = reader.support(pair.text, [pair.passage])[0]
        values = [getattr(found, name) for name in CORRECT]
        right.append(float(values.index(max(values)) == pair.label))
    yield mean("IndoNLI test_lay: support judged right", right, [pair.passage for pair in some])


def latency(reader: Reader, some: Sequence[Case]) -> Iterator[Figure]:
    """Milliseconds that reading takes a question."""
    times = []
    for case in some:
        began = time.perf_counter()
        reader.read(case.question, case.hits)
        times.append(1000 * (time.perf_counter() - began))
    yield Figure(
        "median ms of reading a question",
        len(times),
        float(np.median(times)),
        (float(np.quantile(times, 0.25)), float(np.quantile(times, 0.75))),
    )


def facqa_pool(embedder: Embedder, count: int) -> list[Case]:
    """FacQA valid over all of its passages together, through the product's dense retrieval."""
    facts = random.Random(3).sample(list(data.facqa("valid")), count)
    everything = {f.story.text: f.story for f in data.facqa("valid")}
    names = {text: f"facqa-{n}" for n, text in enumerate(everything)}
    pool = cases.Pool([cases.document(names[t], s) for t, s in everything.items()], embedder)
    hits = pool.hits([f.question for f in facts], [None] * len(facts))
    return [
        Case(f.question, h, names[f.story.text], cases.of_fact(f).gold, cases.of_fact(f).answers)
        for f, h in zip(facts, hits, strict=True)
    ]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=("similarity", "trained"), default="trained")
    parser.add_argument("--set", choices=("ours", "idk", "xquad", "facqa", "indonli", "latency"), nargs="*", default=None)
    options = parser.parse_args()
    packaged_model(HOME)
    embedder = Kept(SentenceTransformerEmbedder("packaged", home=HOME))  # the untrained reader's figures would take hours else
    reader: Reader = TrainedReader(HOME) if options.reader == "trained" else SimilarityReader(embedder)

    def own(where: str) -> list[Case]:
        return [
            c for c in cases.ours(embedder, random.Random(7), data.authored_development(), data.ntrex()) if c.kind.startswith(where)
        ]

    sets: dict[str, Callable[[], Iterable[Figure]]] = {
        "ours": lambda: (f for where in ("alone", "pool") for f in judge(f"ours (development), {where}", reader, own(where))),
        "idk": lambda: judge("IDK-MRC valid", reader, list(cases.of_idk(data.idk_mrc("valid")))),
        "xquad": lambda: judge(
            "XQuAD-R articles 20-23, across languages", reader, list(cases.across(data.xquad(data.REPORTED), 3, random.Random(5)))
        ),
        "facqa": lambda: judge("FacQA valid, pooled", reader, facqa_pool(embedder, 150)),
        "indonli": lambda: support(reader, data.indonli("test_lay")) if options.reader == "trained" else (),
        "latency": lambda: latency(reader, own("pool")[:60]),
    }
    for name in options.set or sets:
        for figure in sets[name]():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
