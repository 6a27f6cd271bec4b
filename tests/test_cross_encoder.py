"""The trained network as it is loaded and fed."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from rag.cross_encoder import FORMAT, CrossEncoder, Window, load
from rag.errors import ModelError
from rag.network import PADDED, Encoded, Layer, encode, pad, pool, sentence_tokens, together
from rag.packaged import packaged_model
from rag.reader import ARTEFACT

TEXT = "Harga beras naik 5 persen. Petani senang."
WINDOW = Window("Pasar", TEXT, ((0, 26), (27, 41)))


@pytest.fixture(scope="module")
def encoder(model_home: Path) -> CrossEncoder:
    return load(ARTEFACT, packaged_model(model_home))


def test_the_artefact_is_small_and_says_what_it_is(encoder: CrossEncoder) -> None:
    assert ARTEFACT.stat().st_size <= 25_000_000
    assert {"format", "base_sha256", "layers", "revision", "calibration"} <= encoder.about.keys()


def test_a_file_that_is_not_a_reader_is_refused(tmp_path: Path, model_home: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors", {"format": "something"})
    with pytest.raises(ModelError, match="not a kutip-reader"):
        load(tmp_path / "other.safetensors", packaged_model(model_home))


def test_a_reader_of_other_embeddings_is_refused(tmp_path: Path, model_home: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors", {"format": FORMAT, "base_sha256": "0"})
    with pytest.raises(ModelError, match="other embeddings"):
        load(tmp_path / "other.safetensors", packaged_model(model_home))


def test_a_window_reads_alike_alone_and_among_others(encoder: CrossEncoder) -> None:
    question = "Berapa persen harga beras naik?"
    long = Window("", TEXT * 3, ((0, 26), (27, 67)))
    alone, among = encoder.read(question, [WINDOW]), encoder.read(question, [WINDOW, long, WINDOW])
    assert among[0].sentences == pytest.approx(alone[0].sentences, abs=1e-3)
    assert among[2].sentences == pytest.approx(alone[0].sentences, abs=1e-3)


def test_windows_are_read_in_order_until_the_tokens_are_spent_but_always_the_first(
    encoder: CrossEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(encode(encoder.tokenizer, "Kapan?", [("Pasar", TEXT)])[0].ids)
    for most, read in ((1, 1), (2 * size, 2), (2 * size - 1, 1)):
        monkeypatch.setattr("rag.cross_encoder.MOST_TOKENS", most)
        assert len(encoder.read("Kapan?", [WINDOW] * 3)) == read
    assert encoder.read("Kapan?", []) == []


def test_a_sentence_beyond_the_window_s_room_is_never_chosen(encoder: CrossEncoder) -> None:
    far = "kata " * 500
    (reading,) = encoder.read("Kapan?", [Window("", far + "akhir", ((0, len(far)), (len(far), len(far) + 5)))])
    assert reading.sentences[1] < reading.sentences[0]
    assert reading.spans[1] is None


def test_words_keep_the_marks_that_compose_with_their_last_letter(encoder: CrossEncoder) -> None:
    text = "ราคา\u0e02\u0e49\u0e32\u0e27ขึ้นที่"
    (reading,) = encoder.read("อะไรขึ้น?", [Window("", text, ((0, len(text)),))])
    assert reading.spans[0] is not None
    end = reading.spans[0].end
    assert end == len(text) or not torch.tensor([ord(text[end])]).eq(0x0E49).any()


def test_a_token_belongs_to_the_sentence_that_holds_its_last_letter() -> None:
    encoded = Encoded([0, 9, 2, 2, 7, 7, 7, 2], 4, [(0, 3), (3, 6), (6, 9)])
    assert sentence_tokens(encoded, [(0, 5), (5, 9)]) == [[4], [5, 6]]


def test_padding_is_masked_and_sentences_are_the_mean_of_their_tokens() -> None:
    ids, mask = pad([Encoded([0, 5, 2], 1, []), Encoded([0, 2], 1, [])])
    assert ids.tolist() == [[0, 5, 2], [0, 2, 1]]
    assert mask[:, 0, 0].lt(0).tolist() == [[False, False, False], [False, False, True]]
    states = torch.tensor([[[1.0], [3.0], [5.0]]])
    assert pool(states, [[[0, 1], [2]]]).flatten().tolist() == [2.0, 5.0]


@given(st.lists(st.integers(1, 384), max_size=40), st.integers(1, 3000))
def test_what_is_computed_together_is_each_sequence_once_with_little_padding(lengths: list[int], most: int) -> None:
    groups = list(together(lengths, most))
    assert sorted(i for some in groups for i in some) == list(range(len(lengths)))
    for some in groups:
        padded = len(some) * max(lengths[i] for i in some)
        assert len(some) == 1 or padded <= min(most, PADDED * sum(lengths[i] for i in some))


def test_features_are_dropped_from_whole_pairs_and_only_while_training() -> None:
    torch.manual_seed(0)
    layer = Layer(hidden=32, heads=2, inner=64, eps=1e-5)
    states, mask = torch.randn(2, 5, 32), torch.zeros(1, 1, 1, 5)
    layer.eval()
    assert torch.equal(layer(states, mask), layer(states, mask))
    layer.train()
    assert not torch.equal(layer(states, mask), layer(states, mask))
    dropped = layer._dropped(torch.ones(40, 3, 32)) == 0
    assert dropped.all(dim=1).equal(dropped.any(dim=1))
    assert 0.05 < dropped.float().mean() < 0.15
