from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import HashingEmbedder
from rag.errors import StoreError
from rag.index import Index
from rag.passages import passages
from rag.records import Document

RICE = Document("rice", "Harga beras naik. Petani senang.", "Beras", "id")
BALL = Document("ball", "Tim menang dua gol. Pelatih puas.", "Bola", "id")
EMBEDDER = HashingEmbedder()


@pytest.fixture
def index(tmp_path: Path) -> Index:
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create()
    for document in (RICE, BALL):
        cut = passages(document)
        made.add([(document, cut, EMBEDDER.passages([p.text for p in cut]))])
    return made


def ask(index: Index, question: str, documents: list[str] | None = None) -> list[str]:
    return [place.document for place in index.search(EMBEDDER.queries([question])[0], 5, documents)]


def test_the_closest_passage_comes_first_with_its_cosine(index: Index) -> None:
    vector = EMBEDDER.queries(["harga beras"])[0]
    found = index.search(vector, 5)
    assert [place.document for place in found] == ["rice", "ball"]
    assert found[0].score == pytest.approx(float(EMBEDDER.passages([RICE.text])[0] @ vector), abs=1e-4)
    assert found[0].sentences == passages(RICE)[0].sentences
    assert found[0].sha256 == RICE.sha256


def test_a_search_can_be_limited_to_documents(index: Index) -> None:
    assert ask(index, "harga beras", ["ball"]) == ["ball"]
    assert ask(index, "harga beras", ["none"]) == []


def test_what_is_removed_is_gone(index: Index) -> None:
    index.remove("rice")
    assert ask(index, "harga beras") == ["ball"]
    index.remove("rice")


def test_what_is_stored_is_there_when_opened_again(index: Index, tmp_path: Path) -> None:
    index.close()
    assert ask(Index(str(tmp_path / "chroma"), "passages"), "dua gol") == ["ball", "rice"]


def test_a_dropped_collection_is_empty_and_can_be_dropped_again(index: Index) -> None:
    assert index.names("pass") == ["passages"]
    index.drop()
    index.drop()
    assert index.names("pass") == []
    index.close()
    with pytest.raises(StoreError, match="doctor"):
        index.places()


def test_the_graph_of_a_dropped_collection_leaves_the_disk_and_no_other_does(tmp_path: Path) -> None:
    def built(name: str) -> Index:
        index = Index(str(tmp_path), name)
        index.create(building=True)
        document = Document(name, "Satu. Dua. Tiga.", "T", "id")
        cut = passages(document)
        index.add([(document, cut, np.eye(len(cut), 8, dtype=np.float32))])
        index.search(np.eye(1, 8, dtype=np.float32)[0], 1)
        return index

    old, new = built("old"), built("new")
    (tmp_path / "notes").mkdir()
    assert len(list(tmp_path.glob("*-*"))) == 2
    old.drop()
    assert len(list(tmp_path.glob("*-*"))) == 1
    assert (tmp_path / "notes").is_dir()
    for index in (old, new):
        index.close()
    assert len(new.search(np.eye(1, 8, dtype=np.float32)[0], 1)) == 1


def test_one_revision_of_a_document_can_be_removed_or_kept(index: Index) -> None:
    changed = replace(RICE, text="Harga beras turun.")
    cut = passages(changed)
    index.add([(changed, cut, EMBEDDER.passages([p.text for p in cut]))])
    index.remove("rice", but=changed.sha256)
    assert {place.sha256 for place in index.places()} == {changed.sha256, BALL.sha256}
    index.remove("rice", only=changed.sha256)
    assert {place.sha256 for place in index.places()} == {BALL.sha256}


def test_a_graph_is_on_disk_only_of_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.BUILDING", 5)
    monkeypatch.setattr("rag.index._CONFIGURATION", {"space": "cosine", "batch_size": 2})
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create(building=True)
    texts = [replace(RICE, id=f"rice {number}") for number in range(20)]
    for number, document in enumerate(texts):
        if number == 10:
            made.settle()
            made.close()
            before = written(tmp_path)
            assert before
        made.add([(document, passages(document), EMBEDDER.passages([document.text]))])
    assert len(made.search(EMBEDDER.queries(["beras"])[0], 30)) == 20
    assert written(tmp_path) == before


def test_many_passages_lie_in_shards_that_are_one_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.SHARD", 3)
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create(building=True)
    vectors = {f"rice {n}": EMBEDDER.passages([f"kata{n}"]) for n in range(10)}
    for name, vector in vectors.items():
        document = replace(RICE, id=name)
        made.add([(document, passages(document), vector)])
    made.settle()
    for index in (made, Index(str(tmp_path / "chroma"), "passages")):
        assert len(index._stores) == 4
        assert index.names("pass") == ["passages"]
        assert {place.document for place in index.places()} == set(vectors)
        assert all(vectors[place.document][0].tolist() == vector.tolist() for place, vector in index.stored())
        found = [index.search(vector[0], 4) for vector in vectors.values()]
        assert [places[0].document for places in found] == list(vectors)
        assert [place.score for place in found[7]] == sorted((place.score for place in found[7]), reverse=True)
        assert len(found[7]) == 4
        assert len(index.similarities(vectors["rice 1"][0], made.places())) == 10
        (one,) = index.similarities(vectors["rice 1"][0], [place for place in made.places() if place.document == "rice 1"])
        assert one.score == pytest.approx(1.0)
    made.remove("rice 1")
    assert len(made.places()) == 9
    made.drop()
    assert made.names("") == []
    made.close()
    assert written(tmp_path) == {}


def test_a_shard_is_filled_to_the_passage_at_which_its_graph_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.SHARD", 10)
    monkeypatch.setattr("rag.index.BUILDING", 5)
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create(building=True)
    for n in range(4):
        long = Document(f"long {n}", " ".join(f"Kalimat {m} dari {n}." for m in range(7)), "Panjang", "id")
        cut = passages(long)
        made.add([(long, cut, np.eye(len(cut), 8, dtype=np.float32))])
    counts = [store.client.count() for store in made._stores]
    assert counts[:-1] == [10] * (len(counts) - 1)
    assert len(counts) > 1
    assert {place.document for place in made.places()} == {f"long {n}" for n in range(4)}


def test_a_document_in_an_older_shard_is_replaced_and_removed_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.SHARD", 1)
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create()
    changed = replace(RICE, text="Harga beras turun.")
    for document in (RICE, BALL, changed):
        made.add([(document, passages(document), EMBEDDER.passages([document.text]))])
    made.remove("rice", but=changed.sha256)
    assert {place.sha256 for place in made.places()} == {changed.sha256, BALL.sha256}


def test_an_index_whose_first_shard_is_gone_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.SHARD", 1)
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create()
    for document in (RICE, BALL):
        made.add([(document, passages(document), EMBEDDER.passages([document.text]))])
    made._chroma.client.delete_collection("passages")
    made.close()
    with pytest.raises(StoreError):
        made.places()
    assert made.names("pass") == ["passages"]
    made.drop()
    assert made.names("pass") == []


def test_shards_keep_their_order_past_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.SHARD", 1)
    made = Index(str(tmp_path / "chroma"), "passages")
    made.create()
    for n in range(12):
        document = replace(RICE, id=f"rice {n}")
        made.add([(document, passages(document), EMBEDDER.passages([RICE.text]))])
    assert [store.client.name for store in made._stores] == ["passages", *(f"passages.{n}" for n in range(1, 12))]
    assert [store.client.count() for store in made._stores] == [1] * 12


def written(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*.bin")}


def test_a_store_that_cannot_be_opened_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be used"):
        Index(str(tmp_path / "file" / "chroma"), "passages").places()


def test_a_server_that_does_not_answer_is_an_error_of_ours() -> None:
    with pytest.raises(StoreError, match=r"the vector store at http://127\.0\.0\.1:9 cannot be used"):
        Index("http://127.0.0.1:9", "passages").places()
