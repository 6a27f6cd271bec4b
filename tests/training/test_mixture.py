from rag.embedding import HashingEmbedder
from training.batches import key
from training.data import Authored, cut
from training.mixture import confusable

NEWS = {
    "rice": {"id": cut("Harga beras naik. Petani senang. Beras impor datang bulan depan.", "id", "Beras")},
    "ball": {"id": cut("Tim menang dua gol. Pelatih puas.", "id", "Bola")},
    "market": {"id": cut("Harga beras di pasar lain turun. Pedagang cemas. Hujan turun lagi.", "id", "Pasar")},
}


def asked(answer: str = "") -> Authored:
    return Authored("rice", (0,), {"ind": answer} if answer else {}, "fact", {"id": "Harga beras naik berapa?"})


def test_confusable_places_are_all_of_the_own_document_but_the_answer_and_the_closest_of_others() -> None:
    places = confusable([asked()], NEWS, HashingEmbedder(), count=2)[key(asked())]
    assert set(places[:2]) == {("rice", 1), ("rice", 2)}
    assert len(places) == 4
    assert places[2] == ("market", 0)


def test_a_place_with_the_same_answer_nearby_may_answer_and_is_left_out() -> None:
    places = confusable([asked("dua gol")], NEWS, HashingEmbedder())[key(asked())]
    assert {document for document, _ in places} == {"rice", "market"}
