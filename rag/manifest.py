"""What an index was made with, kept in the ledger, and whether the embedder that is there would still make the same."""

import json
from functools import cached_property

import numpy as np

from rag import passages
from rag.embedding import Embedder, Matrix
from rag.errors import StoreMismatch
from rag.ledger import Ledger

CANARIES = (
    "Apa yang terjadi di pasar kemarin?",
    "The minister resigned on Tuesday.",
    "Министр ушёл в отставку.",
    "部长于周二辞职。",
)
"""Texts whose vectors are kept with the index: an embedder that no longer gives these gives no others it gave."""
CANARY = 0.999
"""Cosine below which a canary's vector is another one; between machines, rounding moves it by less than 0.00001."""


class Manifest:
    """The ledger's record of what the index that is searched was made with, beside the embedder that is configured."""

    def __init__(self, ledger: Ledger, embedder: Embedder) -> None:
        """Nothing is read or loaded before it is asked for."""
        self._ledger, self._embedder = ledger, embedder

    @property
    def made_with(self) -> dict[str, str]:
        """`embedder`, its `weights`, and `identity`. Empty before there is an index."""
        return dict(json.loads(self._ledger.get("manifest") or "{}"))

    @cached_property
    def identity(self) -> str:
        """What vectors depend on, from the configured embedder and the splitter's version; asking loads the embedder."""
        return f"{self._embedder.identity.digest}-{passages.VERSION}"

    def drifted(self) -> bool:
        """Whether what calls itself the same embedder gives other vectors than those that are indexed."""
        if self.made_with.get("identity") != self.identity:
            return False
        kept = np.array(json.loads(self._ledger.get("canaries") or "[]"), np.float32)
        return bool(len(kept)) and (kept * self._canaries).sum(axis=1).min() < CANARY

    def check(self, place: str) -> None:
        """Refuse to compare vectors of two embedders, or of one that changed.

        Args:
            place: of the store, to name it.

        Raises:
            StoreMismatch: the index was made by another embedder or splitter than the one configured.
        """
        made_with = self.made_with
        if not made_with:
            return
        mend = "Run `python -m rag index --rebuild` to index it anew"
        if made_with["identity"] != self.identity:
            raise StoreMismatch(
                f"the store in {place} was indexed with the embedder {made_with['embedder']!r} ({made_with['identity']}); "
                f"the one configured is {self._embedder.identity.name!r} ({self.identity}). {mend}, or set RAG_EMBEDDER back."
            )
        if self.drifted():
            raise StoreMismatch(
                f"the embedder {made_with['embedder']!r} no longer gives the vectors that the store in {place} was indexed "
                f"with, though its weights are the same: another version of a library computes differently. {mend}."
            )

    def made_now(self) -> dict[str, str]:
        """What the ledger is to keep with an index that is made now."""
        embedder = self._embedder.identity
        made_with = {"embedder": embedder.name, "weights": embedder.weights, "identity": self.identity}
        return {"manifest": json.dumps(made_with), "canaries": json.dumps(np.round(self._canaries, 6).tolist())}

    @cached_property
    def _canaries(self) -> Matrix:
        return self._embedder.passages(CANARIES)
