"""Which sentence answers, in which words: the untrained reader and the trained one."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embedding import HashingEmbedder, Matrix
from rag.errors import ModelError
from rag.passages import passages
from rag.reader import Reading, SimilarityReader, TrainedReader, sentences_of, stretches_of
from rag.records import Document, Hit

BRIDGE = Document(
    "bridge",
    "Jembatan Sungai Kelam diresmikan pada 14 Maret 2019. Pembangunannya menelan biaya 62 miliar rupiah. "
    "Gubernur Ratna Wibowo memotong pita di hadapan ratusan warga. Menurut warga, perjalanan ke kota kini hanya satu jam.",
    "Jembatan Sungai Kelam dibuka",
    "id",
)
MARKET = Document(
    "market",
    "Pasar Lama terbakar pada malam hari. Tidak ada korban jiwa. Penyebab kebakaran masih diselidiki.",
    "Pasar Lama terbakar",
    "id",
)
DOCUMENTS = {d.id: d for d in (BRIDGE, MARKET)}
HITS = [Hit(p, 0.9 - 0.1 * n, d) for n, (p, d) in enumerate((p, d) for d in DOCUMENTS.values() for p in passages(d))]


@pytest.fixture(scope="module")
def trained(model_home: Path) -> TrainedReader:
    return TrainedReader(model_home)


def first(reader: TrainedReader, question: str) -> Reading:
    return reader.read(question, HITS)[0]


def test_a_sentence_of_overlapping_passages_is_counted_once_in_the_order_of_its_best_passage() -> None:
    quotes = [DOCUMENTS[d].text[s.start : s.end] for d, s in sentences_of(HITS)]
    assert len(quotes) == len(set(quotes)) == 7
    assert quotes[0].startswith("Jembatan Sungai Kelam")


@given(st.lists(st.sampled_from(HITS), min_size=1), st.integers(1, 5))
def test_stretches_hold_each_sentence_once_and_only_neighbours(hits: list[Hit], longest: int) -> None:
    stretches = list(stretches_of(hits, longest))
    assert sorted((d.id, s.start) for d, spans in stretches for s in spans) == sorted((d, s.start) for d, s in sentences_of(hits))
    for document, spans in stretches:
        assert len(spans) <= longest
        assert all(not document.text[a.end : b.start].strip() for a, b in pairwise(spans))


def test_the_untrained_reader_ranks_by_shared_words_and_cannot_judge_support() -> None:
    reader = SimilarityReader(HashingEmbedder())
    readings = reader.read("tidak ada korban jiwa", HITS)
    assert readings[0].quote == "Tidak ada korban jiwa."
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)
    with pytest.raises(ModelError):
        reader.support("apa pun", ["apa pun"])


def test_the_untrained_reader_embeds_a_sentence_once_unless_there_are_too_many_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded: list[str] = []

    class Counting(HashingEmbedder):
        def passages(self, texts: Sequence[str]) -> Matrix:
            embedded.extend(texts)
            return super().passages(texts)

    reader, count = SimilarityReader(Counting()), len(sentences_of(HITS))
    first = reader.read("tidak ada korban jiwa", HITS)
    assert reader.read("tidak ada korban jiwa", HITS) == first
    assert len(embedded) == count
    monkeypatch.setattr("rag.reader.REMEMBERED", 1)
    forgetful = SimilarityReader(Counting())
    assert forgetful.read("tidak ada korban jiwa", HITS) == forgetful.read("tidak ada korban jiwa", HITS) == first
    assert len(embedded) == 3 * count


@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param("Kapan Jembatan Sungai Kelam diresmikan?", "14 Maret 2019", id="id"),
        pytest.param("How much did it cost to build the Kelam River bridge?", "62 miliar", id="en"),
        pytest.param("¿Quién cortó la cinta del puente del río Kelam?", "Ratna Wibowo", id="es"),
    ],
)
def test_the_trained_reader_finds_the_sentence_whatever_the_question_s_language(
    trained: TrainedReader, question: str, words: str
) -> None:
    assert words in first(trained, question).quote


def test_the_words_that_answer_stand_within_their_sentence(trained: TrainedReader) -> None:
    reading = first(trained, "Kapan Jembatan Sungai Kelam diresmikan?")
    assert reading.words is not None
    assert "Maret" in BRIDGE.text[reading.words.start : reading.words.end]


def test_every_sentence_read_comes_once_best_first_with_words_inside_it(trained: TrainedReader) -> None:
    readings = trained.read("Apa penyebab kebakaran?", HITS)
    assert len(readings) == len(sentences_of(HITS))
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)
    assert all(r.span.start <= r.words.start < r.words.end <= r.span.end for r in readings if r.words)


def test_what_is_asked_of_the_text_is_surer_than_what_it_does_not_say(trained: TrainedReader) -> None:
    said, unsaid = (first(trained, q).score for q in ("Siapa yang memotong pita?", "Berapa panjang jembatan itu dalam meter?"))
    assert said > unsaid


def test_what_was_retrieved_first_is_read_where_not_all_can_be(trained: TrainedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.cross_encoder.MOST_TOKENS", 1)
    last = [hit for hit in HITS if hit.passage.document == "market"]
    assert {r.document.id for r in trained.read("Apa yang terbakar?", [*last, *HITS])} == {"market"}


def test_a_headline_that_asks_the_very_question_takes_nothing_from_the_answer(trained: TrainedReader) -> None:
    question = "Kapan Jembatan Sungai Kelam diresmikan?"
    asking = Document("asking", question, question, "id")
    headline = [Hit(p, 0.98, asking) for p in passages(asking)]
    alone, beside = (
        {r.span: r.score for r in trained.read(question, hits) if r.document is BRIDGE} for hits in (HITS, [*headline, *HITS])
    )
    assert max(beside.values()) == pytest.approx(max(alone.values()), abs=0.01)


def test_support_is_three_probabilities_and_tells_what_is_said_from_what_is_not(trained: TrainedReader) -> None:
    said, unsaid = (
        trained.support(s, ["Gubernur Ratna Wibowo memotong pita di hadapan ratusan warga."])[0]
        for s in ("Ratna Wibowo memotong pita.", "Pasar itu terbakar pada malam hari.")
    )
    assert said.supported + said.contradicted + said.neither == pytest.approx(1)
    assert said.supported > unsaid.supported
    assert unsaid.neither > max(unsaid.supported, unsaid.contradicted)


def test_its_calibration_comes_with_its_weights_and_asks_more_for_less_risk(trained: TrainedReader) -> None:
    assert trained.calibration.threshold(0.05) >= trained.calibration.threshold(0.1) >= trained.calibration.threshold(0.3)
    assert trained.name.startswith("trained ")
