"""What a batch costs: the choice of a sentence, the edges of the words, the judgement of statements."""

import timeit
from collections.abc import Iterator, Sequence
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from rag.network import Embeddings, Encoded, Network, pad, pool, together
from training.prepared import Prepared

FROZEN = 3
"""Lowest layers that are not trained."""
CHUNK_TOKENS = 1200
"""Tokens computed together, with padding."""
PARTS, SHARES = ("over", "within", "words", "support"), (1.0, 0.5, 0.5, 1.0)
"""Of the loss: choice over all windows of a question, within each window, start and end of the words, support."""


@cache
def bfloat16_pays() -> bool:
    """Whether products of 16-bit numbers take less time here.

    With the same instructions a Zen 4 trains 1.9 times as fast, a Xeon without AMX only 0.6 times.
    """
    if not torch.cpu.get_capabilities().get("avx512_bf16"):
        return False
    times = []
    for kind in (torch.float32, torch.bfloat16):
        states, weights = torch.ones(1200, 384, dtype=kind), torch.ones(1536, 384, dtype=kind)
        times.append(min(timeit.repeat(lambda: functional.linear(states, weights), number=10, repeat=5)))  # noqa: B023
    return times[1] < times[0]


def forward(net: Network, embeddings: Embeddings, pairs: Sequence[Encoded]) -> Tensor:
    """States [pairs, tokens, hidden]; the frozen layers keep nothing for the way back."""
    ids, mask = pad(pairs)
    x = embeddings(ids)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays()):
        with torch.no_grad():
            for layer in net.layers[:FROZEN]:
                x = layer(x, mask)
        for layer in net.layers[FROZEN:]:
            x = layer(x, mask)
    return x.float()


def chunks(batch: Sequence[Prepared]) -> Iterator[list[tuple[int, int]]]:
    """(example, window) numbers, those of like length together."""
    keys = [(e, w) for e, example in enumerate(batch) for w in range(len(example.pairs))]
    for some in together([len(batch[e].pairs[w].ids) for e, w in keys], CHUNK_TOKENS):
        yield [keys[i] for i in some]


def choice(margins: Tensor, gold: Sequence[bool]) -> Tensor:
    """-log of the probability of the right options, or of "none of these" (log-odds 0) where none is right."""
    options = torch.cat([margins, margins.new_zeros(1)])
    return options.logsumexp(0) - options[torch.tensor([*gold, not any(gold)])].logsumexp(0)


def edge_loss(edges: Tensor, pair: Encoded, span: tuple[int, int]) -> Tensor:
    """Cross-entropy of where the words start and end; both at the first token where there are none."""
    allowed = torch.full((len(edges),), -1e4)
    allowed[0] = 0
    allowed[pair.first : len(pair.ids) - 1] = 0
    logits = (edges.T + allowed).log_softmax(-1)
    return -(logits[0, span[0]] + logits[1, span[1]]) / 2


def support_loss(logits: Tensor, labels: Sequence[int]) -> Tensor:
    """Mean cross-entropy [statements, 3]; where there are two, also of taking the altered one for the one that is carried."""
    loss = functional.cross_entropy(logits, torch.tensor(labels))
    if len(labels) == 1:
        return loss
    odds = logits[:, 0] - logits[:, 1:].logsumexp(-1)
    return loss + functional.softplus(odds[1] - odds[0])


def loss_of(net: Network, embeddings: Embeddings, batch: Sequence[Prepared]) -> tuple[Tensor, Tensor]:
    """Summed loss of a batch, and its parts: over all windows of a question, within windows, words, support."""
    margins: dict[tuple[int, int], Tensor] = {}
    judged: dict[tuple[int, int], Tensor] = {}
    within, words = [], []
    for chunk in chunks(batch):
        x = forward(net, embeddings, [batch[e].pairs[w] for e, w in chunk])
        places = [[] if batch[e].labels else batch[e].places[w] for e, w in chunk]
        scores, nulls, edges = net.sentence(pool(x, places))[..., 0], net.null(x[:, 0])[:, 0], net.spans(x)
        for row, (e, w) in enumerate(chunk):
            example = batch[e]
            if example.labels:
                judged[e, w] = net.support(x[row, 0])
                continue
            fits = example.fitting(w)
            margins[e, w] = scores[row, fits] - nulls[row]
            within.append(choice(margins[e, w], [i in example.gold[w] for i in fits]) / len(example.pairs))
            if (span := example.spans[w]) is not None:
                words.append(edge_loss(edges[row], example.pairs[w], span) / len(example.pairs))
    over = [
        choice(
            torch.cat([margins[e, w] for w in range(len(example.pairs))]),
            [i in example.gold[w] for w in range(len(example.pairs)) for i in example.fitting(w)],
        )
        for e, example in enumerate(batch)
        if not example.labels
    ]
    support = [
        support_loss(torch.stack([judged[e, w] for w in range(len(example.labels))]), example.labels)
        for e, example in enumerate(batch)
        if example.labels
    ]
    losses = [torch.stack(part).sum() if part else torch.zeros(()) for part in (over, within, words, support)]
    total = sum((loss * share for loss, share in zip(losses, SHARES, strict=True)), torch.zeros(()))
    return total, torch.stack([loss.detach() for loss in losses])
