from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from rag.embedding import HashingEmbedder
from rag.index import Index
from rag.library import Library
from rag.passages import passages
from rag.records import Document

RICE = Document("rice", "Harga beras naik. Petani senang.", "Beras", "id")
BALL = Document("ball", "Tim menang dua gol. Pelatih puas.", "Bola", "id")
EMBEDDER = HashingEmbedder()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "home", str(tmp_path / "home" / "chroma"), EMBEDDER)
    made.add([RICE, BALL])
    return made


def put(index: Index, document: Document) -> None:
    cut = passages(document)
    index.add([(document, cut, EMBEDDER.passages([p.text for p in cut]))])


def leave_a_collection(library: Library, index: Index) -> None:
    Index(str(library.home / "chroma"), f"kutip-{library.ledger.get('library')}-99").create()


DAMAGES: dict[str, tuple[str, Callable[[Library, Index], None]]] = {
    "a passage is missing": ("missing from the index", lambda _, index: index.remove("rice")),
    "a document nobody knows": ("belongs to no document", lambda _, index: put(index, replace(RICE, id="ghost"))),
    "another revision": ("of another revision", lambda _, index: put(index, replace(RICE, text="Lama."))),
    "another vector": (
        "the vector of passage",
        lambda _, index: (index.remove("rice"), put(index, replace(RICE, title="Lain")))[1],
    ),
    "a collection too many": ("is left over", leave_a_collection),
    "a removal cut short": ("was removed", lambda library, _: library.ledger.remove("rice")),
    "an addition cut short": (
        "not indexed to the end",
        lambda library, _: library.ledger.put(replace(RICE, text="Baru.")) and None,
    ),
    "a rebuild cut short": ("a rebuild was interrupted", lambda library, _: library.ledger.set(building="kutip-x-9")),
    "no collection": ("does not exist", lambda _, index: index.drop()),
}


def test_a_whole_store_has_none(library: Library) -> None:
    assert library.damage() == []
    assert library.repair() == []


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_is_named_and_mended(library: Library, case: str) -> None:
    named, harm = DAMAGES[case]
    index = Index(str(library.home / "chroma"), library.collection)
    harm(library, index)
    index.close()
    assert any(named in str(damage) for damage in library.damage()), library.damage()
    assert library.repair() == []
    found = library.nearest(EMBEDDER.queries(["dua gol"])[0], 9)
    assert sorted({place.document for place in found}) == sorted({document.id for document in library.documents()})


def test_a_vector_store_that_cannot_be_opened_is_made_anew(library: Library) -> None:
    library.close()
    (library.home / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    (damage,) = library.damage()
    assert damage.kind == "index"
    assert library.repair() == []
    assert len(library.places()) == 2
    assert (library.home / "chroma.damaged").is_dir()


def test_a_text_that_is_not_the_one_of_its_hash_can_only_be_added_again(library: Library) -> None:
    with library.ledger._database.changing() as connection:
        connection.execute(text("update revisions set body = replace(body, 'naik', 'turun') where document = 'rice'"))
    assert "index its file again" in " ".join(map(str, library.repair()))
    library.add([RICE])
    assert library.repair() == []
