"""The sources of training examples and their weights."""

from training import batches, data, retrieval
from training.batches import Mixture
from training.data import HELD_OUT

SEED = 20240611
WEIGHTS = {
    "authored": 0.40, "xquad": 0.18, "idk": 0.16, "squad-id": 0.03, "facqa": 0.03, "tydi-en": 0.02, "tydi-ko": 0.02, "tydi-sw": 0.02,
    "matching": 0.05, "indonli": 0.07, "translated": 0.02,
}  # fmt: skip
"""Share of the examples; ours are closest to the task: a question in any language over news in any language."""


def mixture() -> Mixture:
    """What is trained on."""
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
    ours, documents = data.authored(development=False), data.ntrex()
    trained = {d: documents[d] for d in dict.fromkeys(q.document for q in ours)}
    confusable = retrieval.confusable(ours, trained)
    lines = [(d, n) for d, stories in trained.items() for n, (low, high) in enumerate(stories["en"].sentences) if high - low > 40]
    made = {name: ([(fact, alike[id(fact)]) for fact in some], batches.one_language) for name, some in facts.items()} | {
        "authored": (ours, batches.own(trained, confusable)),
        "xquad": (parallels, batches.across(parallels)),
        "matching": (lines, batches.matching(trained)),
        "indonli": (data.indonli(), batches.statement),
        "translated": (lines, batches.translated(trained)),
    }
    return Mixture({name: (*made[name], weight) for name, weight in WEIGHTS.items()}, SEED)
