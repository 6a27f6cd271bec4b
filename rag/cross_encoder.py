"""The reader: a small multilingual cross-encoder that says which sentence of a window answers a question.

It reads ``<s> question </s></s> title window </s>`` with the embeddings of the packaged e5 and an encoder of its own
(int8 in ``reader.safetensors``), and scores each sentence against "none of these". It also says whether a passage
supports a statement. Offsets are code points of the window's own text.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor

from rag.errors import ModelError
from rag.network import Embeddings, Encoded, Network, encode, pad, pool, sentence_tokens, together
from rag.records import Support

FORMAT = "kutip-reader-1"
MAX_SPAN = 30  # tokens
_NEVER = -30.0  # logit of a sentence that did not fit
_BATCH_TOKENS = 2048
MOST_TOKENS = 1000
"""Read for one question, so that it takes at most a quarter of a second on two cores; see the model card for the measurement."""


@dataclass(frozen=True)
class Window:
    """Consecutive sentences of one document, as offsets (code points) into ``text``; the title is context only."""

    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Span:
    """The words that answer: offsets into the window's text, and log-odds against "no words"."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Reading:
    """One window read: log-odds of each sentence against "none of these", and the best words in each sentence."""

    sentences: tuple[float, ...]
    spans: tuple[Span | None, ...]


class CrossEncoder:
    """A loaded reader; made by `load`. `about` is the header of its weights."""

    def __init__(self, net: Network, embeddings: Embeddings, tokenizer: Tokenizer, about: dict[str, str]) -> None:
        self.net, self.embeddings, self.tokenizer, self.about = net, embeddings, tokenizer, about

    @torch.inference_mode()
    def _states(self, encoded: Sequence[Encoded]) -> list[Tensor]:
        """States of each pair's tokens, computed in batches of like length, returned in order."""
        states: list[Tensor] = [torch.empty(0)] * len(encoded)
        for some in together([len(pair.ids) for pair in encoded], _BATCH_TOKENS):
            ids, mask = pad([encoded[i] for i in some])
            for i, state in zip(some, self.net(self.embeddings(ids), mask), strict=True):
                states[i] = state[: len(encoded[i].ids)]
        return states

    @torch.inference_mode()
    def read(self, question: str, windows: Sequence[Window]) -> list[Reading]:
        """Read the question with the windows in order, as many as fit in `MOST_TOKENS` together, but always the first.

        A count of tokens and not a clock, so that the same question is read alike on every machine.
        """
        encoded = encode(self.tokenizer, question, [(w.title, w.text) for w in windows])
        totals = accumulate(len(pair.ids) for pair in encoded)
        fitting = encoded[: max(1, sum(total <= MOST_TOKENS for total in totals))]
        return [self._reading(*one) for one in zip(windows, fitting, self._states(fitting), strict=False)]

    def _reading(self, window: Window, encoded: Encoded, state: Tensor) -> Reading:
        places = sentence_tokens(encoded, window.sentences)
        null = float(self.net.null(state[0]))
        scores = self.net.sentence(pool(state[None], [places]))[0, :, 0].tolist()
        edges = self.net.spans(state) - self.net.spans(state[0])
        sentences, spans = [], []
        for place, score in zip(places, scores, strict=False):
            sentences.append(score - null if place else _NEVER)
            spans.append(self._span(window.text, encoded, edges, place) if place else None)
        return Reading(tuple(sentences), tuple(spans))

    @staticmethod
    def _span(text: str, encoded: Encoded, edges: Tensor, place: list[int]) -> Span:
        """The best-scoring words among one sentence's tokens, without surrounding white space."""
        both = edges[place, 0][:, None] + edges[place, 1][None, :]
        length = len(place)
        allowed = torch.ones(length, length).triu().tril(MAX_SPAN - 1).bool()
        best = int(both.masked_fill(~allowed, float("-inf")).argmax())
        low, high = place[best // length] - encoded.first, place[best % length] - encoded.first
        start, end = encoded.offsets[low][0], encoded.offsets[high][1]
        while end < len(text) and (text[end] in "ﾞﾟ" or unicodedata.category(text[end])[0] == "M"):
            end += 1  # what composes with the letter before it
        words = text[start:end]
        start += len(words) - len(words.lstrip())
        return Span(start, max(start, end - (len(words) - len(words.rstrip()))), float(both.flatten()[best]))

    @torch.inference_mode()
    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """What each passage is to the statement."""
        states = self._states(encode(self.tokenizer, statement, [("", p) for p in passages]))
        return [Support(*self.net.support(state[0]).softmax(-1).tolist()) for state in states]


def load(artefact: Path, e5_folder: Path) -> CrossEncoder:
    """The cross-encoder in a safetensors file, over the embeddings and vocabulary of the packaged embedder's folder.

    Raises:
        ModelError: the file is not a reader's, or was trained on other embeddings.
    """
    embeddings = Embeddings(e5_folder)
    with safe_open(artefact, "pt") as file:
        meta: dict[str, str] = file.metadata() or {}
        if meta.get("format") != FORMAT:
            raise ModelError(f"{artefact} is not a {FORMAT} file; restore it, or set RAG_READER=similarity")
        if meta["base_sha256"] != embeddings.sha256:
            raise ModelError(f"{artefact} was trained on other embeddings than those in {e5_folder}; set RAG_READER=similarity")
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    config = embeddings.config
    with torch.device("meta"):
        net = Network(int(meta["layers"]), config["hidden_size"], config["num_attention_heads"],
                      config["intermediate_size"], config["layer_norm_eps"])  # fmt: skip
    state = {
        name: value * tensors[name + ".scale"] if value.dtype == torch.int8 else value.float()
        for name, value in tensors.items()
        if not name.endswith(".scale")
    }
    net.load_state_dict(state, assign=True)
    net.eval()
    if torch.cpu.get_capabilities().get("amx_bf16"):  # bfloat16 is only faster where the CPU multiplies it in tiles
        net.layers.bfloat16()
    tokenizer: Tokenizer = Tokenizer.from_file(str(e5_folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return CrossEncoder(net, embeddings, tokenizer, meta)
