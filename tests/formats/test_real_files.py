"""Every format, as a real tool wrote it: the words come through exactly, and what is known about them."""

import json
import zipfile
from io import BytesIO

import pytest

from rag.config import PROJECT
from rag.formats.reading import Found
from rag.passages import passages
from rag.records import Document
from tests.formats.conftest import Read

FILES = PROJECT / "tests" / "files"
TITLE = "Banjir Jakarta memaksa ribuan warga mengungsi"
PARAGRAPHS = """
Hujan deras selama akhir pekan membanjiri sebagian besar Jakarta Timur dan memaksa lebih dari 4.000 orang meninggalkan rumah \
mereka, kata badan penanggulangan bencana pada hari Senin. Air mencapai dua meter di Kampung Melayu.
“Kami belum pernah melihat air naik secepat ini,” kata Siti Aminah, 54 tahun, yang menggendong cucunya ke masjid di tempat yang \
lebih tinggi. Badan itu membuka 31 tempat penampungan di seluruh kota.
Pompa yang rusak
Pejabat kota mengatakan bahwa 12 dari 47 pompa di sepanjang Sungai Ciliwung tidak bekerja ketika hujan mulai turun. \
Perbaikannya akan menelan biaya 8,4 miliar rupiah, menurut dinas pekerjaan umum.
""".strip().splitlines()
WHOLE = ["banjir.md", "page.html", "chromium.pdf", "libreoffice.docx", "libreoffice.pdf", "pandoc.docx", "pandoc.epub"]


def found_in(read: Read, name: str) -> list[Found]:
    found = read(name, (FILES / name).read_bytes())
    assert all(isinstance(one, Found) for one in found), found
    return [one for one in found if isinstance(one, Found)]


@pytest.mark.parametrize("name", WHOLE)
def test_the_paragraphs_come_through_word_for_word_and_in_order(read: Read, name: str) -> None:
    text = found_in(read, name)[-1].article.text
    places = [text.find(paragraph) for paragraph in PARAGRAPHS]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("name", WHOLE)
def test_every_passage_is_a_slice_of_the_text_that_is_stored(read: Read, name: str) -> None:
    document = Document("d", found_in(read, name)[-1].article.text, "t", "id")
    cut = passages(document)
    assert all(document.text[p.start : p.end] == p.text for p in cut)
    assert any(s for p in cut for s in p.sentences if document.text[s.start : s.end].startswith("Air mencapai dua meter"))


@pytest.mark.parametrize(
    ("name", "author", "publisher", "date", "url"),
    [
        ("banjir.md", "Rina Hartono", "", "2025-03-12", ""),
        ("page.html", "Rina Hartono", "Koran Contoh", "2025-03-12", "https://koran.example/2025/03/banjir-jakarta"),
        ("libreoffice.docx", "Rina Hartono", "", "", ""),
        ("libreoffice.pdf", "Rina Hartono", "", "", ""),
        ("pandoc.docx", "Rina Hartono", "", "", ""),
        ("pandoc.epub", "Rina Hartono", "Kumpulan berita Maret", "2025-03-12", ""),
        ("trafilatura.json", "Rina Hartono", "Koran Contoh", "2025-03-12", "https://koran.example/2025/03/banjir-jakarta"),
    ],
)
def test_what_is_known_about_an_article_is_kept(read: Read, name: str, author: str, publisher: str, date: str, url: str) -> None:
    article = found_in(read, name)[-1].article
    assert article.title == TITLE
    assert (article.author, article.publisher, article.date, article.url) == (author, publisher, date, url)


def test_what_stands_around_the_article_of_a_page_is_left_out(read: Read) -> None:
    text = found_in(read, "page.html")[0].article.text
    for foreign in ("Beranda", "Iklan", "sarapan", "kuki"):
        assert foreign not in text


def test_a_table_keeps_its_rows(read: Read) -> None:
    for name in ("page.html", "banjir.md", "pandoc.epub", "pandoc.docx", "libreoffice.docx"):
        assert "Kampung Melayu\t1.310" in found_in(read, name)[-1].article.text


@pytest.mark.parametrize("name", ["feedgen.rss", "feedgen.atom"])
def test_a_feed_gives_its_entries(read: Read, name: str) -> None:
    first, second = (one.article for one in found_in(read, name))
    assert first.text == "Hujan deras membanjiri Jakarta Timur & sekitarnya.\n\nAir mencapai dua meter di Kampung Melayu."
    assert second.text.endswith("Biayanya 40 miliar rupiah.\nPanjangnya 310 meter.")
    about = (first.title, first.author, first.publisher, first.date, first.url)
    assert about == (TITLE, "Rina Hartono", "Koran Contoh", "2025-03-12", "https://koran.example/1")


def test_an_archive_gives_what_its_files_give(read: Read) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in WHOLE:
            archive.write(FILES / name, f"berita/{name}")
        archive.writestr("foto.png", b"\x89PNG")
        archive.writestr("__MACOSX/._foto.png", b"x")
    found = read("berita.zip", packed.getvalue())
    assert [str(one) for one in found if not isinstance(one, Found) and not one.passed_over] == []
    texts = {one.name: one.article.text for one in found if isinstance(one, Found)}
    assert texts == {name: found_in(read, name)[-1].article.text for name in WHOLE}


def test_lines_of_json_are_articles(read: Read) -> None:
    line = json.dumps(json.loads((FILES / "trafilatura.json").read_text("utf-8")), ensure_ascii=False)
    found = read("crawl.jsonl", f"{line}\n\n{{not json\n{line}\n".encode())
    assert [type(one).__name__ for one in found] == ["Found", "Refusal", "Found"]
    assert "line 3 is not JSON" in str(found[1])
