import json
import shutil
from pathlib import Path

import pytest

from rag.config import PROJECT, Limits
from rag.corpus import read_corpus, read_paths
from rag.errors import DocumentError
from rag.formats.article import Refusal
from rag.records import Document, Span, Step
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


def read(*paths: Path, known: tuple[Document, ...] = (), steps: list[Step] | None = None) -> list[Document | Refusal]:
    library = {document.id: document for document in known}
    return list(read_paths(paths, Limits(), library.get, progress=(steps if steps is not None else []).append))


def documents(*paths: Path, known: tuple[Document, ...] = ()) -> list[Document]:
    found = [one for one in read(*paths, known=known) if isinstance(one, Document)]
    assert len(found) == len(read(*paths, known=known))
    return found


def write(path: Path, text: str = "Some words here.") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_text_file_becomes_a_document_with_title_id_and_language(tmp_path: Path) -> None:
    text = "\nHarga beras naik\n\nHarga beras di Jakarta naik sepuluh persen pada hari Senin."
    (document,) = documents(write(tmp_path / "harga beras (1).txt", text))
    assert (document.id, document.title, document.language) == ("harga-beras-1", "Harga beras naik", "id")
    assert document.text == text
    assert document.origin == str(tmp_path / "harga beras (1).txt")


def test_a_corpus_that_cannot_be_read_is_refused_whole(corpus: Path) -> None:
    (corpus / f"{ARTICLE}.txt").write_bytes(b"\xff")
    (refusal,) = read(corpus)
    assert f"{ARTICLE}.txt is not UTF-8" in str(refusal)


def test_a_folder_is_read_in_the_order_of_its_names_and_what_no_one_asked_for_is_passed_over(tmp_path: Path) -> None:
    steps: list[Step] = []
    (tmp_path / "news").mkdir()
    for name in ("b.txt", "a.md", "c.png", "sub/a.txt", ".hidden.txt"):
        write(tmp_path / "news" / name)
    found = read(tmp_path / "news", steps=steps)
    assert [one.id for one in found if isinstance(one, Document)][:2] == ["a", "b"]
    assert [(Path(one.name).name, one.passed_over) for one in found if isinstance(one, Refusal)] == [("c.png", True)]
    assert [(step.stage, step.done, step.total) for step in steps] == [("reading", n, 4) for n in range(5)]


def test_an_empty_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    empty, missing = read(tmp_path, tmp_path / "missing.txt")
    assert "holds no file" in str(empty)
    assert "missing.txt cannot be read: No such file" in str(missing)


def test_two_files_of_one_name_are_two_documents_however_they_are_read(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one" / "news.txt", "First."), write(tmp_path / "other" / "news.txt", "Second.")
    both = documents(one, other)
    assert both[0].id == "news"
    assert both[1].id.startswith("news-")
    assert [d.id for d in documents(other, known=tuple(both))] == [both[1].id]
    assert [d.id for d in documents(other, known=(both[1],))] == [both[1].id]
    assert [d.id for d in documents(one, known=tuple(both))] == ["news"]


def test_a_file_does_not_replace_a_document_of_a_manifest(tmp_path: Path, article: Document) -> None:
    (document,) = documents(write(tmp_path / f"{ARTICLE}.txt"), known=(article,))
    assert document.id != ARTICLE


def test_articles_of_one_file_keep_the_ids_it_gives_and_get_others_where_it_gives_none(tmp_path: Path) -> None:
    entries = [{"id": "rice-1", "text": "One."}, {"text": "Two."}, {"id": "rice-1", "text": "Three."}]
    found = documents(write(tmp_path / "news.json", json.dumps(entries)))
    assert found[0].id == "rice-1"
    assert len({d.id for d in found}) == 3
    assert all(d.id.startswith("news-") for d in found[1:])


def test_a_language_that_a_file_gives_is_taken_where_it_is_a_tag(tmp_path: Path) -> None:
    entries = [{"text": "Harga beras di Jakarta naik.", "language": given} for given in ("ms_MY", "Indonesian", "")]
    found = documents(write(tmp_path / "news.json", json.dumps(entries)))
    assert [d.language for d in found] == ["ms", "id", "id"]
