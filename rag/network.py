"""The reader's network: the packaged e5's frozen embeddings, an encoder, its heads, and how a pair becomes tokens."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

MAX_QUESTION, MAX_TITLE, MAX_TOKENS = 64, 32, 384
PADDED = 1.15
"""Most tokens that are computed, padding included, for each that is read: a question over 20 news articles took 185 ms (median),
with no limit 290 (a script of its own); from 1.05 to 1.25 no difference beyond chance."""
DROPOUT = 0.1
"""While training. Without it questions asked a few times are learnt by heart: the reader put the right sentence first for 0.93 of
those it had trained on longest, 0.59 of those about news of the same making that it had not (103 and 180 questions)."""


@dataclass(frozen=True)
class Encoded:
    """Token ids of one pair; ``offsets`` belong to the tokens from ``first`` on (the window's)."""

    ids: list[int]
    first: int
    offsets: list[tuple[int, int]]


class Layer(nn.Module):
    """One post-norm transformer layer, BERT's, with query, key and value in one matrix."""

    def __init__(self, hidden: int, heads: int, inner: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.up, self.down = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.norm1, self.norm2 = nn.LayerNorm(hidden, eps=eps), nn.LayerNorm(hidden, eps=eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """States [batch, tokens, hidden] of the next layer; the mask is additive, [batch, 1, 1, tokens]."""
        b, t, h = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, h // self.heads).permute(2, 0, 3, 1, 4)
        if self.training:  # on CPU the fused kernel's backward pass is four times slower than plain products
            k = k.transpose(-1, -2)
            a = torch.softmax((q * (h // self.heads) ** -0.5) @ k + mask, -1).to(v.dtype) @ v
        else:
            a = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self._dropped(self.out(a.transpose(1, 2).reshape(b, t, h))))
        out: Tensor = self.norm2(x + self._dropped(self.down(functional.gelu(self.up(x)))))
        return out

    def _dropped(self, x: Tensor) -> Tensor:
        """Some features of each pair dropped from all its tokens (Gal and Ghahramani 2016): chance for each token takes long."""
        return x * functional.dropout(x.new_ones(len(x), 1, x.shape[-1]), DROPOUT) if self.training else x


class Network(nn.Module):
    """Encoder and heads; ``spans`` (start, end), ``sentence`` and ``null`` (a choice), ``support`` (3 classes)."""

    def __init__(self, layers: int, hidden: int, heads: int, inner: int, eps: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(hidden, heads, inner, eps) for _ in range(layers))
        self.spans, self.sentence = nn.Linear(hidden, 2), nn.Linear(hidden, 1)
        self.null, self.support = nn.Linear(hidden, 1), nn.Linear(hidden, 3)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """States of the last layer (float32) for embedded tokens; the mask is additive, [batch, 1, 1, tokens]."""
        dtype = self.layers[0].get_parameter("qkv.weight").dtype
        x, mask = x.to(dtype), mask.to(dtype)
        for layer in self.layers:
            x = layer(x, mask)
        return x.float()


class Embeddings:
    """The packaged model's own embeddings, frozen; the word table stays a memory map."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text())
        with safe_open(folder / "model.safetensors", "pt") as file:
            names = ("word_embeddings", "position_embeddings", "token_type_embeddings", "LayerNorm")
            get = {n: file.get_tensor(f"embeddings.{n}.weight") for n in names}
            self.bias = file.get_tensor("embeddings.LayerNorm.bias").float()
        self.word, self.norm = get["word_embeddings"], get["LayerNorm"].float()
        self.position = (get["position_embeddings"] + get["token_type_embeddings"][0]).float()
        parts = (self.word[:1000].float(), self.position, self.norm, self.bias)
        self.sha256 = hashlib.sha256(b"".join(p.contiguous().numpy().tobytes() for p in parts)).hexdigest()

    def __call__(self, ids: Tensor) -> Tensor:
        """Embedded tokens [batch, tokens, hidden] of ids [batch, tokens], in float32."""
        x = functional.embedding(ids, self.word).float() + self.position[: ids.shape[1]]
        return functional.layer_norm(x, x.shape[-1:], self.norm, self.bias, self.config["layer_norm_eps"])


def encode(tokenizer: Tokenizer, question: str, windows: Sequence[tuple[str, str]]) -> list[Encoded]:
    """Token ids of the question beside each (title, text): a window's tokens keep offsets into its own text."""
    texts = [question, *(part for window in windows for part in window)]
    first, *rest = tokenizer.encode_batch(texts, add_special_tokens=False)
    head = [0, *first.ids[-MAX_QUESTION:], 2, 2]  # behind earlier questions, the last one counts
    found = []
    for title, text in zip(rest[::2], rest[1::2], strict=True):
        start = [*head, *title.ids[:MAX_TITLE]]
        room = MAX_TOKENS - 1 - len(start)
        # a lone word mark is given the next letter's offset: it covers nothing
        offsets = [(a, a if piece == "▁" else b) for (a, b), piece in zip(text.offsets, text.tokens, strict=True)]
        found.append(Encoded([*start, *text.ids[:room], 2], len(start), offsets[:room]))
    return found


def together(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Which sequences to compute together, by position: of like length, at most so many tokens, padding included, or one alone."""
    some: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        padded = lengths[i] * (len(some) + 1)
        if some and padded > min(most, PADDED * sum(lengths[j] for j in (*some, i))):
            yield some
            some = []
        some.append(i)
    if some:
        yield some


def pad(encoded: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    """Ids in one matrix, and the additive mask."""
    width = max(len(e.ids) for e in encoded)
    ids = torch.tensor([e.ids + [1] * (width - len(e.ids)) for e in encoded])
    return ids, torch.zeros(ids.shape).masked_fill_(ids == 1, -1e4)[:, None, None, :]


def sentence_tokens(encoded: Encoded, sentences: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each sentence, the positions of its tokens (a token belongs where its last code point is)."""
    places: list[list[int]] = [[] for _ in sentences]
    for at, (start, end) in enumerate(encoded.offsets, encoded.first):
        for place, (low, high) in zip(places, sentences, strict=True):
            if end > start and low < end <= high:
                place.append(at)
                break
    return places


def pool(states: Tensor, places: Sequence[Sequence[Sequence[int]]]) -> Tensor:
    """Mean state of each sentence's tokens, [batch, most sentences, hidden]."""
    weights = torch.zeros(len(places), max(1, *map(len, places), 1), states.shape[1])
    for b, sentences in enumerate(places):
        for s, tokens in enumerate(sentences):
            weights[b, s, list(tokens)] = 1 / max(1, len(tokens))
    return weights @ states
