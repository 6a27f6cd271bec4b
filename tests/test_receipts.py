import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Answer, Assistant, Citation
from rag.errors import ReceiptError
from rag.exports import conversation_json
from rag.receipts import Change, change, read_receipts, verify
from rag.records import Document

RICE = Document("rice", "Harga beras naik sepuluh persen. Petani di Jawa senang.", "Beras", "id")


@pytest.fixture
def shop(open_quick: Callable[..., Assistant]) -> Assistant:
    assistant = open_quick(risk=0.3)
    assistant.library.add([RICE])
    return assistant


@pytest.fixture
def saved(shop: Assistant, tmp_path: Path) -> Path:
    answer = shop.ask("harga beras naik sepuluh persen")
    assert not answer.declined
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer.to_dict()))
    return file


def one(file: Path) -> Answer:
    (answer,) = read_receipts(file)
    return answer


def test_an_answer_read_back_is_the_answer_saved(shop: Assistant, saved: Path) -> None:
    answer = one(saved)
    assert answer.to_dict() == json.loads(saved.read_text())
    assert verify(answer, shop.library).breaches == ()
    assert verify(answer, shop.library).changes == ()


def test_an_altered_answer_does_not_check_out(shop: Assistant, saved: Path) -> None:
    altered = saved.read_text().replace("sepuluh", "sebelas")
    saved.write_text(altered)
    assert verify(one(saved), shop.library).breaches


def test_an_old_answer_still_checks_out_after_its_document_changed_and_the_change_is_shown(shop: Assistant, saved: Path) -> None:
    shop.library.add([replace(RICE, text=RICE.text.replace("naik", "turun"))])
    verdict = verify(one(saved), shop.library)
    assert verdict.breaches == ()
    (change,) = verdict.changes
    assert "the quoted words with it" in change
    assert change.splitlines()[1] == "    Harga beras [-naik-]{+turun+} sepuluh persen."


def test_a_change_elsewhere_and_a_removal_are_told_apart(shop: Assistant, saved: Path) -> None:
    shop.library.add([replace(RICE, text=RICE.text + " Sekian.")])
    assert "the quoted words still stand in it" in verify(one(saved), shop.library).changes[0]
    shop.remove("rice")
    verdict = verify(one(saved), shop.library)
    assert verdict.breaches == ()
    assert "no longer in the library" in verdict.changes[0]


def test_an_index_made_by_another_embedder_since_is_mentioned(shop: Assistant, saved: Path) -> None:
    answer = one(saved)
    older = replace(answer, manifest={**answer.manifest, "identity": "older"})
    assert "the index was made anew since" in verify(older, shop.library).changes[0]


@pytest.mark.parametrize(
    ("then", "now", "difference"),
    [
        pytest.param(
            "Satu dua. Tiga empat lima enam.Tujuh.",
            "Lain. Satu dua. Tiga empat enam enam.Tujuh.",
            [("same", "Satu dua. Tiga empat "), ("gone", "lima"), ("new", "enam"), ("same", " enam.")],
            id="as many sentences as were quoted",
        ),
        pytest.param("军队不会来。", "军队会来。", [("same", "军队"), ("gone", "不"), ("same", "会来。")], id="no spaces"),
        pytest.param("Satu dua tiga.", "Sama sekali lain.", [("gone", "Satu dua tiga.")], id="nothing close"),
        pytest.param("Satu dua tiga.", " ", [("gone", "Satu dua tiga.")], id="nothing left"),
    ],
)
def test_what_became_of_a_passage_can_be_read(shop: Assistant, then: str, now: str, difference: list[tuple[str, str]]) -> None:
    quote = then.removesuffix("Tujuh.")
    shop.library.add([Document("d", then, "T", "id")])
    cited = Citation(1, "d", "T", 0, len(quote), quote, 1.0, shop.document("d").sha256)
    assert change(cited, shop.library) is None
    shop.library.add([Document("d", now, "T", "id")])
    assert change(cited, shop.library) == Change("reworded", tuple(difference))


def test_a_conversation_is_read_answer_by_answer(shop: Assistant, saved: Path) -> None:
    answer = one(saved)
    saved.write_text(conversation_json([answer, answer]))
    assert read_receipts(saved) == [answer, answer]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("not json", "is not a saved answer: as a whole: Invalid JSON", id="not JSON"),
        pytest.param("[]", "is not a saved answer", id="not an answer"),
        pytest.param('{"question": "q"}', "is not a saved answer: language", id="a field missing"),
        pytest.param("[" * 100_000, "is not a saved answer: as a whole: Invalid JSON", id="nested beyond reason"),
    ],
)
def test_what_is_no_saved_answer_is_named(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "answer.json"
    file.write_text(content)
    with pytest.raises(ReceiptError, match=message):
        one(file)


def test_an_unknown_field_is_named(saved: Path) -> None:
    saved.write_text(json.dumps(json.loads(saved.read_text()) | {"verified": True}))
    with pytest.raises(ReceiptError, match="verified"):
        one(saved)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReceiptError, match="cannot be read"):
        one(tmp_path / "none.json")


def test_an_answer_from_json_is_the_answer(shop: Assistant) -> None:
    for question in ("harga beras naik sepuluh persen", "sepak bola kemarin malam"):
        answer = shop.ask(question)
        assert Answer.from_json(json.dumps(answer.to_dict())) == answer
