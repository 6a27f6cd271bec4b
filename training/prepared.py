"""Examples -> tokens and targets, as the network is given them."""

from dataclasses import dataclass

from tokenizers import Tokenizer

from rag.network import Encoded, encode, sentence_tokens
from training.batches import Example
from training.data import Contrast, Statement


@dataclass(frozen=True)
class Prepared:
    """An example as tokens: pairs, each sentence's tokens, and targets.

    `labels` are of statements; where there are two, the passage carries the first and not the second.
    """

    pairs: list[Encoded]
    places: list[list[list[int]]]
    gold: list[frozenset[int]]
    spans: list[tuple[int, int] | None]
    labels: tuple[int, ...] = ()

    @property
    def tokens(self) -> int:
        """Of all pairs together."""
        return sum(len(p.ids) for p in self.pairs)

    def fitting(self, window: int) -> list[int]:
        """The sentences of a window of which at least one token is read."""
        return [i for i, place in enumerate(self.places[window]) if place]


def prepare(tokenizer: Tokenizer, example: Example | Statement | Contrast) -> Prepared:
    """Tokens and targets of an example."""
    if not isinstance(example, Example):
        stated = [example] if isinstance(example, Statement) else [example.carried, example.altered]
        pairs = [encode(tokenizer, one.text, [("", one.passage)])[0] for one in stated]
        return Prepared(pairs, [], [], [], tuple(one.label for one in stated))
    pairs = encode(tokenizer, example.question, [(w.title, w.text) for w in example.windows])
    places = [sentence_tokens(e, w.sentences) for e, w in zip(pairs, example.windows, strict=True)]
    spans: list[tuple[int, int] | None] = []
    for encoded, gold, words in zip(pairs, example.gold, example.words, strict=True):
        if not gold:
            spans.append((0, 0))
            continue
        inside = [
            at
            for at, (low, high) in enumerate(encoded.offsets, encoded.first)
            if words and high > low and low < words[1] and words[0] < high
        ]
        spans.append((inside[0], inside[-1]) if inside else None)
    return Prepared(pairs, places, list(example.gold), spans)
