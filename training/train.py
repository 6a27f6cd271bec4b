"""`python -m training.train`: the reader's network, from the lowest layers of the packaged e5 (or a reader) -> training/run/.

Resumable: a checkpoint holds weights, optimizer, position in the data and the time already spent. Two workers, one core
each, share the weights and add their gradients: on a busy machine that loses less than splitting every product in two.
"""

import argparse
import copy
import json
import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor

from rag.cross_encoder import CrossEncoder, load
from rag.network import Embeddings, Network
from rag.packaged import packaged_model
from rag.reader import ARTEFACT
from training.development import Development
from training.loss import FROZEN, PARTS, loss_of
from training.mixture import Mixture, mixture
from training.prepared import Prepared, prepare

HOME = Path(__file__).parents[1] / ".rag"
RUN = Path(__file__).with_name("run")
LAYERS = 8
PEAK, WARM_UP, DECAY, CLIP = 1.5e-4, 60, 0.01, 1.0
STEP_TOKENS = 3600
"""Tokens of one step, about twenty questions with their windows, or statements."""
PIECE_TOKENS = 800
"""Tokens of the examples of like length that a worker takes at once: few, so that none waits long."""
WORKERS = 2
SEED = 20240611


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


def deepened(net: Network, base: Network, share: float = 0.7, last: float = 0.3) -> Network:
    """A deeper network: the packaged model's, its lowest layers mixed with those of a reader that has fewer.

    The layers of a reader of eight had moved by 0.13 of their norm from the packaged model's. With 0.7 of each and 0.3 of its
    last, which has learnt to be the end, states behind the twelfth are still 0.9 alike (cosine) to the packaged model's, so
    that the upper layers fit.
    """
    ours, state = net.state_dict(), base.state_dict()
    for layer in range(FROZEN, len(net.layers)):
        kept = last if layer == len(net.layers) - 1 else share
        for name in ours:
            if name.startswith(f"layers.{layer}."):
                state[name] = kept * ours[name] + (1 - kept) * state[name]
    base.load_state_dict(state)
    return base


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
        """A batch in small pieces that the workers take, the longest first."""
        pieces: deque[list[Prepared]] = deque()
        for example in sorted(batch, key=lambda p: max(len(pair.ids) for pair in p.pairs)):
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
    parser.add_argument(
        "--warm",
        type=Path,
        nargs="?",
        const=ARTEFACT,
        help="begin with a reader's weights, not e5's: the shipped one's or a file's",
    )
    parser.add_argument("--layers", type=int, default=LAYERS, help="of the network; a reader that has fewer is deepened")
    parser.add_argument("--evaluate-every", type=float, default=20, help="minutes")
    options = parser.parse_args()
    torch.set_num_threads(WORKERS)
    torch.set_num_interop_threads(1)
    RUN.mkdir(exist_ok=True)
    folder = packaged_model(HOME)
    start = load(options.warm, folder).net if options.warm else start_network(folder, options.layers)
    if len(start.layers) < options.layers:
        start = deepened(start, start_network(folder, options.layers))
    trainer = Trainer(folder, mixture(folder, RUN), start)
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
