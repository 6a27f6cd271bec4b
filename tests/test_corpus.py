import json
import shutil
from pathlib import Path

import pytest

from rag.config import PROJECT
from rag.corpus import MAX_BYTES, read_corpus, read_document, read_path
from rag.errors import DocumentError
from rag.records import Document, Span
from tests.conftest import ARTICLE

SEED = "315c0505536f2129c74dd45200802a6622e34c862d88c866338ebade67e01b01"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "corpus", tmp_path / "corpus"))


def test_the_article_is_kept_code_point_for_code_point(article: Document) -> None:
    assert article.sha256 == SEED
    assert article.text == (PROJECT / "corpus" / f"{ARTICLE}.txt").read_bytes().decode()
    assert article.text.startswith(" date 2022-01")


def test_what_is_about_the_article_is_metadata(article: Document) -> None:
    about = (article.id, article.publisher, article.source, article.date, article.language, article.desk)
    assert about == (ARTICLE, "Islam Times", "Axios", "2022-01", "id", "IT/AR")


def test_the_translation_covers_every_sentence_and_says_who_made_it(article: Document) -> None:
    (english,) = article.translations
    assert english.language == "en"
    assert english.by
    covered = "".join(article.text[s.start : s.end] for s in english.sentences)
    assert "".join(covered.split()) == "".join(article.text.split())


def test_a_translation_is_found_by_the_place_of_the_original(article: Document) -> None:
    start = article.text.index("pasukan AS tidak akan")
    found = article.translations[0].of(Span(start, start + 10))
    assert found is not None
    assert "will not be deployed" in found
    assert article.translations[0].of(Span(42, 43)) is None


def test_a_text_that_no_longer_matches_its_hash_is_named(corpus: Path) -> None:
    file = corpus / f"{ARTICLE}.txt"
    file.write_text(file.read_text().replace("tidak akan dikerahkan", "akan dikerahkan"))
    with pytest.raises(DocumentError, match=rf"{ARTICLE}\.txt is no longer the text the manifest pins"):
        read_corpus(corpus)


def test_a_manifest_with_an_unknown_key_is_named(corpus: Path) -> None:
    manifest = corpus / "manifest.json"
    manifest.write_text(json.dumps([json.loads(manifest.read_text())[0] | {"tilte": "x"}]))
    with pytest.raises(DocumentError, match=r"manifest\.json: 0\.tilte"):
        read_corpus(corpus)


def test_a_translation_outside_the_text_is_named(corpus: Path) -> None:
    aligned = corpus / f"{ARTICLE}.en.json"
    sentences = json.loads(aligned.read_text())
    sentences[-1]["end"] += 1
    aligned.write_text(json.dumps(sentences))
    with pytest.raises(DocumentError, match=r"en\.json: its sentences overlap"):
        read_corpus(corpus)


def test_one_id_given_twice_is_an_error(corpus: Path) -> None:
    manifest = corpus / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) * 2))
    with pytest.raises(DocumentError, match="gives one id to two documents"):
        read_corpus(corpus)


def test_a_text_file_becomes_a_document_with_title_id_and_language(tmp_path: Path) -> None:
    file = tmp_path / "harga beras (1).txt"
    file.write_text("\nHarga beras naik\n\nHarga beras di Jakarta naik sepuluh persen pada hari Senin.", "utf-8")
    document = read_document(file)
    assert (document.id, document.title, document.language) == ("harga-beras-1", "Harga beras naik", "id")
    assert document.text == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\t ", "is empty", id="blank"),
        pytest.param(b"news\0news", "is binary", id="NUL"),
        pytest.param(b"\xff\xfe\x00n", r"is not UTF-8 \(byte 0\)", id="UTF-16"),
        pytest.param("caf\xe9".encode("latin-1"), r"is not UTF-8 \(byte 3\)", id="Latin-1"),
        pytest.param(b"x" * (MAX_BYTES + 1), "the limit is 10,000,000", id="huge"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "news.txt"
    file.write_bytes(content)
    with pytest.raises(DocumentError, match=rf"news\.txt {message}|news\.txt .*{message}"):
        read_document(file)


def test_a_missing_file_a_folder_without_texts_and_an_unknown_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read: No such file"):
        read_path(tmp_path / "missing.txt")
    with pytest.raises(DocumentError, match="holds no"):
        read_path(tmp_path)
    (tmp_path / "picture.png").write_bytes(b"x")
    with pytest.raises(DocumentError, match="not a kind of file"):
        read_path(tmp_path / "picture.png")


def test_a_folder_of_texts_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "c.png"):
        (tmp_path / name).write_text("Some words here.")
    assert [document.id for document in read_path(tmp_path)] == ["a", "b"]
