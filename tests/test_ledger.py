import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import StoreError, UnknownDocument
from rag.ledger import Ledger
from rag.records import Document

ONE = Document("one", "Satu.", "Pertama", "id")
TWO = Document("two", "Dua.", "Kedua", "id")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def indexed(ledger: Ledger, document: Document, collection: str = "c") -> None:
    ledger.put(document)
    ledger.begin(collection, [document])
    ledger.finish(collection, [document], 1)


def test_documents_come_back_as_they_went_in_and_in_order(ledger: Ledger, article: Document) -> None:
    for document in (TWO, ONE, article):
        assert ledger.put(document)
    assert ledger.documents() == [TWO, ONE, article]
    assert ledger.document("one") == ONE


def test_the_same_text_again_is_not_new_and_other_metadata_is_renewed(ledger: Ledger) -> None:
    ledger.put(ONE)
    assert not ledger.put(replace(ONE, publisher="Koran"))
    assert ledger.document("one").publisher == "Koran"


def test_another_title_is_to_be_embedded_anew(ledger: Ledger) -> None:
    indexed(ledger, ONE)
    ledger.keep_vectors(ONE, "e", np.ones((1, 2), np.float32))
    assert ledger.put(replace(ONE, title="Judul"))
    assert ledger.pending("c") == ["one"]
    assert ledger.vectors(ONE, "e") is None


def test_an_update_keeps_the_earlier_revision_and_the_place_in_the_order(ledger: Ledger) -> None:
    ledger.put(ONE)
    ledger.put(TWO)
    changed = replace(ONE, text="Satu, diubah.")
    assert ledger.put(changed)
    assert ledger.documents() == [changed, TWO]
    assert ledger.revision("one", ONE.sha256) == ONE


def test_a_removed_document_is_gone_but_its_revision_is_not(ledger: Ledger) -> None:
    ledger.put(ONE)
    ledger.remove("one")
    assert ledger.documents() == []
    assert ledger.revision("one", ONE.sha256) == ONE
    with pytest.raises(UnknownDocument, match="no document 'one'"):
        ledger.document("one")
    with pytest.raises(UnknownDocument, match="no document 'one'"):
        ledger.remove("one")


def test_what_is_not_yet_indexed_is_pending_again_after_a_change(ledger: Ledger) -> None:
    ledger.put(ONE)
    assert ledger.pending("c") == ["one"]
    assert not ledger.begin("c", [ONE])
    assert ledger.pending("c") == ["one"]
    ledger.finish("c", [ONE], 1)
    assert ledger.pending("c") == []
    assert ledger.pending("another") == ["one"]
    ledger.put(replace(ONE, text="Lain."))
    assert ledger.pending("c") == ["one"]
    assert ledger.begin("c", [ledger.document("one")]) == {"one"}


def test_a_document_is_found_as_it_was_last_whole(ledger: Ledger) -> None:
    indexed(ledger, ONE)
    changed = replace(ONE, text="Lain.")
    ledger.put(changed)
    ledger.begin("c", [changed])
    assert ledger.found("c") == [ONE]
    ledger.finish("c", [changed], 1)
    assert ledger.found("c") == [changed]


def test_what_was_removed_is_leaving_until_it_is_forgotten(ledger: Ledger) -> None:
    indexed(ledger, ONE)
    ledger.remove("one")
    assert ledger.leaving("c") == ["one"]
    assert ledger.found("c") == []
    ledger.forget("c", "one")
    assert ledger.leaving("c") == []


def test_vectors_come_back_bit_for_bit_for_their_embedder_until_the_text_changes(ledger: Ledger) -> None:
    ledger.put(ONE)
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    ledger.keep_vectors(ONE, "e", vectors)
    assert np.array_equal(ledger.vectors(ONE, "e"), vectors)
    assert ledger.vectors(ONE, "another") is None
    changed = replace(ONE, text="Lain.")
    ledger.put(changed)
    indexed(ledger, changed)
    assert ledger.vectors(ONE, "e") is None


def test_the_switch_to_another_collection_is_seen_at_once_and_whole(ledger: Ledger) -> None:
    indexed(ledger, ONE)
    ledger.set(building="d")
    indexed(ledger, ONE, "d")
    generation = ledger.generation
    ledger.switch("d", manifest="m")
    assert [ledger.get(key) for key in ("collection", "building", "manifest", "tail")] == ["d", "", "m", "0"]
    assert ledger.generation == generation + 1
    assert ledger.leaving("c") == []
    assert ledger.pending("c") == ["one"]


def test_a_ledger_of_0_1_0_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as old:
        body = json.dumps({"id": "one", "text": "Satu.", "title": "Pertama", "language": "id"})
        old.executescript(
            "create table revisions (document, sha256, body, added, primary key (document, sha256));"
            "create table library (position integer primary key, document unique, sha256 not null, indexed not null);"
            "create table state (key primary key, value not null);"
            f"insert into revisions values ('one', '{ONE.sha256}', '{body}', '2026');"
            f"insert into library values (1, 'one', '{ONE.sha256}', 'c');"
        )
    ledger = Ledger(file)
    assert ledger.documents() == [ONE]
    assert ledger.pending("c") == ["one"]
    assert ledger.put(TWO)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    file.write_text("this is not a database, but it is long enough to look like one at first sight" * 20)
    with pytest.raises(StoreError, match=r"ledger\.sqlite cannot be used: file is not a database"):
        Ledger(file).documents()
