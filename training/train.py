"""`python -m training.train`: the reader's network, from the lowest layers of the packaged e5 (or a reader) -> training/run/.

Resumable: a checkpoint holds weights, optimizer, position in the data, chance and the time already spent. Two workers, one core
each, share the weights and add their gradients: on a busy machine that loses less than splitting every product in two.
"""

import argparse
import copy
import json
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from rag.cross_encoder import CrossEncoder, load
from rag.network import Embeddings, Encoded, Network, encode, pad, pool, sentence_tokens
from rag.packaged import packaged_model
from rag.reader import ARTEFACT
from training.batches import Example
from training.data import Contrast, Statement
from training.development import Development
from training.mixture import Mixture, mixture

HOME = Path(__file__).parents[1] / ".rag"
RUN = Path(__file__).with_name("run")
LAYERS, FROZEN = 8, 3
PEAK, WARM_UP, DECAY, CLIP = 1.2e-4, 60, 0.01, 1.0
STEP_TOKENS = 3600
"""Tokens of one step, about fifteen questions with their windows, or statements."""
CHUNK_TOKENS, PIECE_TOKENS = 1200, 400
"""Tokens computed together, with padding; tokens of the examples that a worker takes at once: few, so that none waits long."""
WORKERS = 2
BFLOAT16 = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
"""Whether this processor multiplies 16-bit numbers itself: then training is 1.9 times as fast (Zen 4); elsewhere, slower."""
PARTS, SHARES = ("over", "within", "words", "support"), (1.0, 0.5, 0.5, 1.0)
"""Of the loss: choice over all windows of a question, within each window, start and end of the words, support."""
SEED = 20240611


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


def start_network(folder: Path, layers: int = LAYERS) -> Network:
    """A network whose layers are the packaged model's lowest; the heads are small and random."""
    config = json.loads((folder / "config.json").read_text())
    torch.manual_seed(SEED)
    net = Network(
        layers, config["hidden_size"], config["num_attention_heads"], config["intermediate_size"], config["layer_norm_eps"]
    )
    state = net.state_dict()
    with safe_open(folder / "model.safetensors", "pt") as file:
        for i in range(layers):
            old, new = f"encoder.layer.{i}.", f"layers.{i}."
            for part in ("weight", "bias"):
                parts = [file.get_tensor(f"{old}attention.self.{n}.{part}") for n in ("query", "key", "value")]
                state[f"{new}qkv.{part}"] = torch.cat(parts)
                for ours, theirs in (
                    ("out", "attention.output.dense"), ("norm1", "attention.output.LayerNorm"), ("up", "intermediate.dense"),
                    ("down", "output.dense"), ("norm2", "output.LayerNorm"),
                ):  # fmt: skip
                    state[f"{new}{ours}.{part}"] = file.get_tensor(f"{old}{theirs}.{part}")
    net.load_state_dict(state)
    for head in (net.spans, net.sentence, net.null, net.support):
        torch.nn.init.normal_(head.weight, std=0.02)
        torch.nn.init.zeros_(head.bias)
    return net


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


def forward(net: Network, embeddings: Embeddings, pairs: Sequence[Encoded]) -> Tensor:
    """States [pairs, tokens, hidden]; the frozen layers keep nothing for the way back."""
    ids, mask = pad(pairs)
    x = embeddings(ids)
    with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
        with torch.no_grad():
            for layer in net.layers[:FROZEN]:
                x = layer(x, mask)
        for layer in net.layers[FROZEN:]:
            x = layer(x, mask)
    return x.float()


def chunks(batch: Sequence[Prepared]) -> Iterator[list[tuple[int, int]]]:
    """(example, window) numbers, those of like length together, so that little is padded."""
    lengths = {(e, w): len(pair.ids) for e, example in enumerate(batch) for w, pair in enumerate(example.pairs)}
    chunk: list[tuple[int, int]] = []
    for key in sorted(lengths, key=lambda k: lengths[k]):
        if chunk and lengths[key] * (len(chunk) + 1) > CHUNK_TOKENS:
            yield chunk
            chunk = []
        chunk.append(key)
    if chunk:
        yield chunk


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


class Trainer:
    """Weights, optimizer and data, together."""

    def __init__(self, folder: Path, mixture: Mixture, net: Network) -> None:
        self.embeddings = Embeddings(folder)
        self.tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.net = net.train()
        self.net.layers[:FROZEN].eval().requires_grad_(False)
        self.copies = [self.net, *(copy.deepcopy(self.net) for _ in range(WORKERS - 1))]
        for other in self.copies[1:]:
            for mine, theirs in zip(self.net.parameters(), other.parameters(), strict=True):
                theirs.data = mine.data
        trained = [p for p in self.net.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in trained if p.ndim > 1]},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=PEAK, weight_decay=DECAY, betas=(0.9, 0.98))
        self.mixture = mixture
        self.pool = ThreadPoolExecutor(WORKERS + 1)
        self.next: Future[tuple[list[Prepared], dict[str, Any]]] = self.pool.submit(self._draw)
        self.position = mixture.state()
        self.step, self.tokens, self.seconds = 0, 0, 0.0

    def _work(self, batch: list[Prepared]) -> deque[list[Prepared]]:
        """A batch in small pieces that the workers take, the largest first."""
        pieces: deque[list[Prepared]] = deque()
        for example in sorted(batch, key=lambda p: p.tokens):
            if not pieces or sum(p.tokens for p in pieces[-1]) + example.tokens > PIECE_TOKENS:
                pieces.append([])
            pieces[-1].append(example)
        return pieces

    def _draw(self) -> tuple[list[Prepared], dict[str, Any]]:
        """The examples of a step, and the position in the data behind them."""
        batch: list[Prepared] = []
        while sum(p.tokens for p in batch) < STEP_TOKENS:
            batch.append(prepare(self.tokenizer, next(self.mixture)))
        return batch, self.mixture.state()

    def train_step(self, rate: float) -> tuple[Tensor, Tensor]:
        """One step, while the next one's examples are drawn: the parts of its loss, summed, and how many examples have each."""
        batch, self.position = self.next.result()
        self.next = self.pool.submit(self._draw)
        work = self._work(batch)

        def worker(net: Network) -> Tensor:
            total = torch.zeros(len(PARTS))
            while True:
                try:
                    some = work.pop()
                except IndexError:
                    return total
                loss, parts = loss_of(net, self.embeddings, some)
                (loss / len(batch)).backward()
                total += parts

        parts = sum(self.pool.map(worker, self.copies), torch.zeros(len(PARTS)))
        self._add_gradients()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.tokens += sum(p.tokens for p in batch)
        asked = sum(not p.labels for p in batch)
        return parts, torch.tensor([asked, asked, asked, len(batch) - asked]).float()

    def _add_gradients(self) -> None:
        """What the other workers found, to the first one's."""
        for other in self.copies[1:]:
            for mine, theirs in zip(self.net.parameters(), other.parameters(), strict=True):
                if theirs.grad is not None:
                    mine.grad = theirs.grad if mine.grad is None else mine.grad.add_(theirs.grad)
                    theirs.grad = None

    def encoder(self) -> CrossEncoder:
        """The product's reader with the weights as they are now."""
        net = copy.deepcopy(self.net).eval()
        return CrossEncoder(net, self.embeddings, self.tokenizer, {})

    def save(self, path: Path) -> None:
        """Write all of it, at once."""
        state = {
            "net": self.net.state_dict(), "optimizer": self.optimizer.state_dict(), "mixture": self.position,
            "step": self.step, "tokens": self.tokens, "seconds": self.seconds,
        }  # fmt: skip
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        """Go on where a checkpoint stopped."""
        state: dict[str, Any] = torch.load(path, weights_only=False)
        with torch.no_grad():
            for name, value in self.net.state_dict().items():
                value.copy_(state["net"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.next.result()
        self.mixture.restore(state["mixture"])
        self.next = self.pool.submit(self._draw)
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]


def main() -> None:
    """Train until the time is spent, from the last checkpoint if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=85, help="of training in all, earlier runs included")
    parser.add_argument("--decay-from", type=float, default=30, help="minute from which the learning rate falls to zero")
    parser.add_argument("--warm", action="store_true", help="begin with the weights of the committed reader, not e5's")
    parser.add_argument("--evaluate-every", type=float, default=20, help="minutes")
    options = parser.parse_args()
    torch.set_num_threads(WORKERS)
    torch.set_num_interop_threads(1)
    RUN.mkdir(exist_ok=True)
    folder = packaged_model(HOME)
    start = load(ARTEFACT, folder).net if options.warm else start_network(folder)
    trainer = Trainer(folder, mixture(folder), start)
    torch.set_num_threads(1)  # of each worker
    last, best, log = RUN / "last.pt", RUN / "best.pt", RUN / "curve.jsonl"
    if last.exists():
        trainer.load(last)
    development = Development()
    top = (
        max((row["score"] for row in map(json.loads, log.read_text().splitlines()) if "score" in row), default=0.0)
        if log.exists()
        else 0.0
    )
    total, decay = options.minutes * 60, options.decay_from * 60
    saved = evaluated = trainer.seconds
    sums = torch.zeros(2, len(PARTS))
    began = time.monotonic() - trainer.seconds

    def write(**row: float) -> None:
        with log.open("a") as file:
            file.write(
                json.dumps({"minutes": round(trainer.seconds / 60, 2), "step": trainer.step, "tokens": trainer.tokens} | row) + "\n"
            )

    while True:
        left = 1.0 if trainer.seconds < decay else max(0.0, (total - trainer.seconds) / (total - decay))
        rate = PEAK * left * min(1.0, (trainer.step + 1) / WARM_UP)
        sums += torch.stack(trainer.train_step(rate))
        trainer.seconds = time.monotonic() - began
        if trainer.step % 25 == 0:
            write(rate=rate, **dict(zip(PARTS, (sums[0] / sums[1].clamp(min=1)).tolist(), strict=True)))
            sums.zero_()
        done = trainer.seconds >= total
        if done or trainer.seconds - saved > 300:
            trainer.save(last)
            saved = trainer.seconds
        if done or trainer.seconds - evaluated > options.evaluate_every * 60:
            figures = development.measure(trainer.encoder())
            evaluated = trainer.seconds = time.monotonic() - began
            write(**figures)
            if figures["score"] > top:
                top = figures["score"]
                trainer.save(best)
        if done:
            return


if __name__ == "__main__":
    main()
