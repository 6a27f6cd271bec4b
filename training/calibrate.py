"""`python -m training.calibrate`: a checkpoint -> `rag/reader.safetensors`, with what its scores are worth.

Fitted on development data alone: our own development questions (over their document, over all development documents, and over
a document that cannot answer; those about made-up news over their document), the held-out slice of IDK-MRC's train split, and
XQuAD-R's development articles across languages.
"""

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from rag.cross_encoder import FORMAT, load
from rag.declining import Calibration
from rag.embedding import SentenceTransformerEmbedder
from rag.network import Embeddings, Network
from rag.packaged import packaged_model
from rag.reader import ARTEFACT, Reader, TrainedReader
from training import cases, data
from training.cases import Case
from training.development import auroc
from training.train import HOME, RUN, start_network

RISKS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
DRAWN = {"pool": 260, "alone": 200, "far": 80, "made": 360}
"""Of our own development questions, as they are asked; all of them take a quarter of an hour to read."""
UNANSWERABLE = 0.25
"""Of what is asked, the share that the documents do not answer: what risks are stated for. Among the development questions it is
nearly half, most of them near misses, since that is what they were written to try."""
UNFITTED = Calibration(best=1.0, margin=0.0, bias=0.0, thresholds=((0.5, 0.5),))


@dataclass(frozen=True)
class Row:
    """A case as it was read, best sentence first: scores, which are right."""

    kind: str
    answerable: bool
    scores: tuple[float, ...]
    right: tuple[bool, ...]


def read(reader: Reader, some: Iterable[Case]) -> Iterator[Row]:
    """Read every case."""
    for case in some:
        readings = reader.read(case.question, case.hits)
        right = (r.document.id == case.document and any(r.span.overlaps(g) for g in case.gold) for r in readings)
        yield Row(case.kind, bool(case.gold), tuple(r.score for r in readings), tuple(right))


def fit(rows: Sequence[Row]) -> Calibration:
    """Logistic regression of "the documents answer" on the best score.

    Questions that are answered weigh 1 - `UNANSWERABLE` together, the others `UNANSWERABLE`, and within both each source
    counts as much as another.

    The lead over the mean is not looked at: it told questions over whole documents from those over paragraphs, and right
    sentences from wrong ones less well (AUROC 0.66 instead of 0.72 over the pool).
    """
    groups = [(row.kind.split()[0], row.answerable) for row in rows]
    sources = Counter(answerable for _, answerable in set(groups))
    share = {True: 1 - UNANSWERABLE, False: UNANSWERABLE}
    weights = np.array([len(rows) * share[g[1]] / sources[g[1]] / n for g in groups if (n := groups.count(g))])
    x, y = np.array([[max(row.scores), 1.0] for row in rows]), np.array([row.answerable for row in rows], float)
    theta = np.zeros(2)
    for _ in range(50):  # Newton's method, with a little shrinkage
        p = 1 / (1 + np.exp(-x @ theta))
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(2)
        theta -= np.linalg.solve(hessian, x.T @ (weights * (p - y)) + 0.01 * theta)
    p = 1 / (1 + np.exp(-x @ theta))
    order = np.argsort(-p)
    unsupported = np.cumsum((weights * (1 - y))[order]) / np.cumsum(weights[order])
    thresholds = []
    for risk in RISKS:
        kept = np.flatnonzero(unsupported <= risk)
        thresholds.append((risk, round(float(p[order][kept[-1]]) if len(kept) else 1.0, 4)))
    return Calibration(round(float(theta[0]), 4), 0.0, round(float(theta[1]), 4), tuple(thresholds))


def development(home: Path) -> list[Case]:
    """The questions that are calibrated on."""
    rng = random.Random(7)
    embedder = SentenceTransformerEmbedder("packaged", home=home)
    ours = list(cases.ours(embedder, rng, data.authored_development(), data.ntrex()))
    made = cases.ours(embedder, random.Random(7), data.made_development(), data.made())
    ours += [replace(c, kind=f"made {c.kind}") for c in made if c.kind.startswith("alone")]
    draw = random.Random(1)
    found = [c for kind, n in DRAWN.items() for c in draw.sample([c for c in ours if c.kind.split()[0] == kind], n)]
    found += [cases.of_fact(fact, "idk") for fact in data.squad(data.idk_mrc()[-data.HELD_OUT :], "id")]
    return found + list(cases.across(data.xquad(data.DEVELOPMENT), rng))


def write(net: Network, embeddings: Embeddings, calibration: Calibration, path: Path) -> str:
    """Write the artefact; gives its revision, which depends on the weights alone."""
    tensors: dict[str, torch.Tensor] = {}
    for name, value in net.state_dict().items():
        if value.ndim == 2 and name.startswith("layers."):
            scale = value.abs().amax(1, keepdim=True) / 127
            tensors[name] = (value / scale).round().to(torch.int8)
            tensors[f"{name}.scale"] = scale
        else:
            tensors[name] = value.float()
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name].contiguous().numpy().tobytes())
    revision = digest.hexdigest()[:12]
    about = {
        "format": FORMAT,
        "base_sha256": embeddings.sha256,
        "layers": str(len(net.layers)),
        "revision": revision,
        "calibration": json.dumps(asdict(calibration)),
    }
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, about)
    return revision


def mixed(net: Network, other: Network, share: float) -> Network:
    """The mean of two networks' weights, `share` of the first (Wortsman et al. 2022, WiSE-FT)."""
    theirs = other.state_dict()
    net.load_state_dict({name: share * value + (1 - share) * theirs[name] for name, value in net.state_dict().items()})
    return net


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """For each kind of question a row of the model card: right sentence first, answerable from not (AUROC)."""
    for kind in ("alone", "pool", "made", "idk", "xquad"):
        some = [row for row in rows if row.kind.split()[0] == kind]
        first = [row.right[0] for row in some if row.answerable]
        scores = {side: [max(row.scores) for row in some if row.answerable is side] for side in (True, False)}
        apart = f"; {auroc(scores[True], scores[False]):.3f} ({len(some)})" if scores[False] else ""
        yield f"| {kind} | {np.mean(first):.3f} ({len(first)}){apart} |"


def main() -> None:
    """Write the artefact, read the development questions with it, fit, and write it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=RUN / "best.pt")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the checkpoint's weights; the rest is the reader's that is there"
    )
    parser.add_argument("--to", type=Path, default=ARTEFACT)
    options = parser.parse_args()
    folder = packaged_model(HOME)
    state = torch.load(options.checkpoint, weights_only=False)["net"]
    net = start_network(folder, len({name.split(".")[1] for name in state if name.startswith("layers.")}))
    embeddings = Embeddings(folder)
    net.load_state_dict(state)
    if options.share < 1:
        net = mixed(net, load(ARTEFACT, folder).net, options.share)
    write(net, embeddings, UNFITTED, options.to)
    rows = list(read(TrainedReader(HOME, options.to), development(HOME)))
    calibration = fit(rows)
    print(write(net, embeddings, calibration, options.to), calibration, *summary(rows), sep="\n")


if __name__ == "__main__":
    main()
