"""The sources of training examples and their weights."""

from pathlib import Path

from training import batches, data
from training.batches import Mixture
from training.data import HELD_OUT

SEED = 20240611
MATCHED = 100  # NTREX documents, in file order, whose translations are matched before our own questions are there


def mixture(folder: Path, home: Path) -> Mixture:  # noqa: ARG001
    """What is trained on: public sets, and our own questions as soon as they are there."""
    facts = {
        "idk": list(data.squad(data.idk_mrc()[:-HELD_OUT], "id")),
        "squad-id": list(data.squad_id()),
        "facqa": list(data.facqa()),
        "tydi-en": list(data.tydi("en", "english")),
        "tydi-ko": list(data.tydi("ko", "korean")),
        "tydi-sw": list(data.tydi("sw", "swahili")),
    }
    indonesian = [f for name in ("idk", "squad-id", "facqa") for f in facts[name]]
    alike = dict(zip(map(id, indonesian), batches.near(indonesian), strict=True))
    for name in ("tydi-en", "tydi-ko", "tydi-sw"):
        alike |= dict(zip(map(id, facts[name]), batches.near(facts[name]), strict=True))
    parallels = data.xquad(data.TRAIN)
    documents = data.ntrex()
    trained = dict(list(documents.items())[:MATCHED])
    lines = [(d, n) for d, stories in trained.items() for n, (low, high) in enumerate(stories["en"].sentences) if high - low > 40]
    weights = {"idk": 0.2, "squad-id": 0.08, "facqa": 0.06, "tydi-en": 0.06, "tydi-ko": 0.04, "tydi-sw": 0.04}
    sources = {
        name: ([(fact, alike[id(fact)]) for fact in some], batches.one_language, weights[name]) for name, some in facts.items()
    }
    sources |= {
        "xquad": (parallels, batches.across(parallels), 0.3),
        "matching": (lines, batches.matching(trained), 0.1),
        "indonli": (data.indonli(), batches.statement, 0.09),
        "translated": (lines, batches.translated(trained), 0.03),
    }
    return Mixture(sources, SEED)
