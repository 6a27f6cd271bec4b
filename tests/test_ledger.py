from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import StoreError, UnknownDocument
from rag.ledger import Ledger
from rag.records import Document

ONE = Document("one", "Satu.", "Pertama", "id")
TWO = Document("two", "Dua.", "Kedua", "id")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_documents_come_back_as_they_went_in_and_in_order(ledger: Ledger, article: Document) -> None:
    for document in (TWO, ONE, article):
        assert ledger.put(document)
    assert ledger.documents() == [TWO, ONE, article]
    assert ledger.document("one") == ONE


def test_the_same_text_again_is_not_new_but_its_metadata_is_renewed(ledger: Ledger) -> None:
    ledger.put(ONE)
    assert not ledger.put(replace(ONE, title="Judul"))
    assert ledger.document("one").title == "Judul"


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
    assert ledger.pending("c") == [ONE]
    ledger.mark_indexed(ONE, "c")
    assert ledger.pending("c") == []
    assert ledger.pending("another") == [ONE]
    ledger.put(replace(ONE, text="Lain."))
    assert [d.text for d in ledger.pending("c")] == ["Lain."]
    ledger.mark_indexed(ONE, "c")  # the old revision's passages are not the new one's
    assert [d.text for d in ledger.pending("c")] == ["Lain."]


def test_every_change_to_what_is_indexed_raises_the_generation(ledger: Ledger) -> None:
    seen = [ledger.generation]
    ledger.put(ONE)
    for change in (lambda: ledger.mark_indexed(ONE, "c"), lambda: ledger.remove("one")):
        change()
        seen.append(ledger.generation)
    assert seen == [0, 1, 2]


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    file.write_text("this is not a database, but it is long enough to look like one at first sight" * 20)
    with pytest.raises(StoreError, match=r"ledger\.sqlite cannot be used: file is not a database"):
        Ledger(file).documents()
