"""Files made by mistake or by malice: each gives clean text or one clear reason, and the next file is read all the same."""

import codecs
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from rag import Assistant
from rag.config import PROJECT, Limits
from rag.formats.article import Article, Refusal
from rag.formats.cage import Cage
from rag.formats.reading import Found, files, read_bytes, read_file
from tests.formats.conftest import Read

PDF = (PROJECT / "tests" / "files" / "chromium.pdf").read_bytes()
DOCX = (PROJECT / "tests" / "files" / "pandoc.docx").read_bytes()
EPUB = (PROJECT / "tests" / "files" / "pandoc.epub").read_bytes()
FEED = b"<rss version='2.0'><channel><item><description>%s</description></item></channel></rss>"
LAUGHS = b'<!DOCTYPE r [<!ENTITY a "haha">' + b"".join(
    b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("j"))
)


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, raw in members:
            archive.writestr(name, raw)
    return out.getvalue()


def repacked(raw: bytes, **changed: bytes | None) -> bytes:
    """An Office file or a book with some of its parts changed or, for None, left out; `__` in a name stands for `/`."""
    parts = {name.replace("__", "/").replace("_dot_", "."): part for name, part in changed.items()}
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        kept = [(name, parts.get(name, archive.read(name))) for name in archive.namelist()]
    return packed(*((name, part) for name, part in kept if part is not None))


def flagged(raw: bytes) -> bytes:
    """An archive whose entries say that they are locked."""
    changed = bytearray(raw)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[changed.find(mark) + offset] |= 1
    return bytes(changed)


def claiming(pages: int) -> bytes:
    """A PDF whose page tree claims that many pages and names itself as its own child."""
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count %d/Kids[2 0 R 2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%%%EOF" % pages
    )


def stream_bomb(size: int) -> bytes:
    """A PDF of one page whose content unpacks to that many bytes."""
    content = zlib.compress(b"0 0 m " * (size // 6), 9)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Filter/FlateDecode/Length "
        + str(len(content)).encode()
        + b">>stream\n"
        + content
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


REFUSED = {
    "empty file": ("a.txt", b"", "is empty"),
    "only white space": ("a.txt", b" \n\t ", "is empty"),
    "only marks": ("a.txt", "—\u200b…".encode(), "is empty"),
    "NUL bytes": ("a.txt", b"news\0news", "is binary"),
    "picture named text": ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4, "is"),
    "odd UTF-16": ("a.txt", codecs.BOM_UTF16_LE + b"n\0e\0w", "is not the UTF-16-LE it seems to be"),
    "unknown kind": ("a.exe", b"MZ\x90\0", "is not a kind of file that can be read"),
    "old Word": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, "save it as DOCX"),
    "rich text": ("a.rtf", b"{\\rtf1 hello}", "save it as DOCX"),
    "gzip": ("a.json", b"\x1f\x8b\x08\0", "unpack it first"),
    "PDF in name only": ("a.pdf", b"hello", "does not begin as PDF does"),
    "truncated PDF": ("a.pdf", PDF[: len(PDF) // 2], "is damaged|holds no text"),
    "PDF of nothing": ("a.pdf", b"%PDF-1.7\n", "is damaged|holds no text"),
    "PDF of a million pages that loops": ("a.pdf", claiming(1_000_000), "is damaged|holds no text"),
    "locked PDF": ("a.pdf", (PROJECT / "tests" / "files" / "locked.pdf").read_bytes(), "is locked with a password"),
    "truncated DOCX": ("a.docx", DOCX[: len(DOCX) // 2], "is damaged"),
    "DOCX without its document": ("a.docx", repacked(DOCX, word__document_dot_xml=b""), "is damaged"),
    "DOCX without relations": ("a.docx", repacked(DOCX, _rels___dot_rels=None), "is damaged"),
    "EPUB without a package": ("a.epub", repacked(EPUB, EPUB__content_dot_opf=None), "is damaged"),
    "EPUB whose container laughs": (
        "a.epub",
        repacked(EPUB, **{"META-INF__container_dot_xml": LAUGHS + b"]><r>&i;</r>"}),
        "is damaged",
    ),
    "damaged zip": ("a.zip", packed(("a.txt", b"words"))[:-20], "is damaged"),
    "zip of nothing": ("a.zip", b"PK\5\6" + b"\0" * 18, "is damaged|nothing"),
    "billion laughs": ("a.rss", LAUGHS + b"]><rss><channel><title>&i;</title></channel></rss>", "declares XML entities"),
    "feed without entries": ("a.rss", b'<rss version="2.0"><channel><title>x</title></channel></rss>', "without entries"),
    "XML that is no feed": ("a.xml", b"<?xml version='1.0'?><books><book/></books>", "is not an RSS or Atom feed"),
    "page without an article": ("a.html", b"<html><body><script>alert(1)</script></body></html>", "holds no words"),
    "not JSON": ("a.json", b"{'text': 1}", "is not JSON"),
    "JSON nested without end": ("a.json", b"[" * 200_000, "is nested too deep"),
    "JSON of numbers": ("a.json", b"[1, 2]", "is not an object"),
    "JSON without text": ("a.json", b'{"title": "x"}', "holds no text"),
    "JSON of an empty list": ("a.json", b"[]", "holds no articles"),
    "number of a million digits": ("a.json", b'{"id": ' + b"9" * 1_000_000 + b', "text": "x"}', "is not JSON"),
}


@pytest.mark.parametrize(("name", "raw", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_named_with_one_reason_on_one_line(read: Read, name: str, raw: bytes, reason: str) -> None:
    found = read(name, raw)
    assert found
    assert all(isinstance(one, Refusal) for one in found)
    said = str(found[0])
    assert said.startswith(name)
    assert any(part in said for part in reason.split("|")), said
    assert "Traceback" not in said
    assert "\n" not in said


READ = {
    "UTF-8 with a byte order mark": ("a.txt", codecs.BOM_UTF8 + b"Some words.", "Some words."),
    "UTF-16 with a byte order mark": ("a.txt", "Harga naik.".encode("utf-16"), "Harga naik."),
    "UTF-16 without one": ("a.txt", ("Harga beras naik sepuluh persen. " * 20).encode("utf-16-le"), "Harga beras naik"),
    "UTF-16 without one, the other way": ("a.txt", ("Harga beras naik. " * 20).encode("utf-16-be"), "Harga beras naik"),
    "UTF-32": ("a.txt", "Harga naik.".encode("utf-32"), "Harga naik."),
    "Cyrillic in a code page": (
        "a.txt",
        ("Правительство объявило о новых мерах поддержки. " * 5).encode("cp1251"),
        "Правительство",
    ),
    "Latin 1": ("a.txt", ("Le président a été élu à Genève. " * 5).encode("latin-1"), "Le président a été élu à Genève."),
    "one bad byte in UTF-8": ("a.txt", "Élu à Genève. ".encode() * 200 + b"\xff", "Élu à Genève."),
    "page that declares its encoding": (
        "a.html",
        ('<html><head><meta charset="windows-1251"></head><body><p>' + "Правительство объявило о мерах. " * 9).encode("cp1251"),
        "Правительство объявило о мерах.",
    ),
    "PDF named otherwise": ("a.html", PDF, "Air mencapai dua meter"),
    "book named an archive": ("a.zip", EPUB, "Air mencapai dua meter"),
    "lone surrogates in JSON": ("a.json", b'{"text": "Words \\ud800 and \\ud83d\\ude00 more."}', "Words \ufffd and 😀 more."),
    "control characters in JSON": ("a.json", b'{"text": "Red \\u001b[31m\\u0000words."}', "Red [31mwords."),
    "scripts in HTML": (
        "a.html",
        b"<html><body><script>alert(1)</script><p onclick='x()'>Some words that stay.</p><style>p{}</style></body></html>",
        "Some words that stay.",
    ),
    "HTML nested a hundred thousand deep": ("a.html", b"<div>" * 100_000 + b"<p>Deep words.</p>", ""),
    "tags never closed": ("a.html", b"<html><body><p>One paragraph of words<p>and another one<table><tr><td>x", "One paragraph"),
    "scripts in a feed": (
        "a.rss",
        FEED % b"&lt;script&gt;alert(1)&lt;/script&gt;Words.",
        "Words.",
    ),
    "a javascript: address": ("a.json", b'{"text": "Words.", "url": "javascript:alert(1)"}', "Words."),
    "10 MB on one line": ("a.txt", b"many words " * 900_000, "many words"),
    "a title of a megabyte": ("a.json", b'{"text": "Words.", "title": "' + b"x" * 1_000_000 + b'"}', "Words."),
    "right-to-left override": ("a.json", '{"text": "Words.", "title": "\u202egnp.exe"}'.encode(), "Words."),
    "right-to-left text": ("a.txt", "افتتحت المدينة جسرا جديدا يوم الاثنين.".encode(), "افتتحت المدينة"),
}


@pytest.mark.parametrize(("name", "raw", "words"), READ.values(), ids=READ)
def test_what_looks_bad_but_can_be_read_gives_clean_text(read: Read, name: str, raw: bytes, words: str) -> None:
    articles = [one.article for one in read(name, raw) if isinstance(one, Found)]
    assert articles or not words
    assert any(words in article.text for article in articles) or not words
    for article in articles:
        assert "alert" not in article.text
        article.text.encode()  # no half of a pair
        assert not any(c < "\t" or c == "\x1b" for c in article.text)
        assert len(article.title) <= 300
        assert not article.url.startswith("javascript")


def test_a_zip_bomb_is_left_when_its_budget_is_spent(read: Read) -> None:
    bomb = packed(*((f"{n}.txt", b"a " * 1_500_000) for n in range(9)))
    assert len(bomb) < 100_000
    found = read("bomb.zip", bomb, max_unpacked_mb=8)
    assert len(found) == 3
    assert "unpacks to more than the limit allows (RAG_MAX_UNPACKED_MB)" in str(found[-1])


def test_nested_bombs_share_one_budget(read: Read) -> None:
    bomb = packed(*((f"{n}.zip", packed(*((f"{m}.txt", b"a " * 1_000_000) for m in range(3)))) for n in range(3)))
    found = read("bomb.zip", bomb, max_unpacked_mb=7)
    assert sum(isinstance(one, Found) for one in found) == 3
    assert "RAG_MAX_UNPACKED_MB" in str(found[-1])


def test_archives_in_archives_are_read_only_so_deep(read: Read) -> None:
    nested = packed(("a.txt", b"Some words."))
    for _ in range(3):
        nested = packed(("in.zip", nested), ("beside.txt", b"Other words."))
    found = read("out.zip", nested)
    assert sum(isinstance(one, Found) for one in found) == 2
    assert any("lies 2 archives deep; the limit is 2 (RAG_MAX_DEPTH)" in str(one) for one in found)


def test_an_archive_of_too_many_files_is_not_even_listed(refusal: Callable[..., str]) -> None:
    assert "packs 300 files; the limit is 200" in refusal(
        "a.zip", packed(*((f"{n}.txt", b"x") for n in range(300))), max_articles=200
    )


def test_a_member_larger_than_a_file_may_be_is_named_and_the_next_is_read(read: Read) -> None:
    large, small = read("a.zip", packed(("large.txt", b"a " * 600_000), ("small.txt", b"Words.")), max_file_mb=1)
    assert "a.zip#large.txt has more than 1 MB" in str(large)
    assert isinstance(small, Found)


def test_names_in_an_archive_lead_nowhere(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["../../escaped.txt", "/etc/escaped.txt", "C:\\escaped.txt", "a\nb.txt", "\u202etxt.exe.txt"]
    found = read("slip.zip", packed(*((name, b"Some words.") for name in names)))
    assert [one.name for one in found] == ["escaped.txt", "escaped.txt", "escaped.txt", "a\nb.txt", "\u202etxt.exe.txt"]
    assert list(tmp_path.iterdir()) == []
    assert len({one.origin for one in found if isinstance(one, Found)}) == 5


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_an_archive_holds_twice_is_read_once(read: Read) -> None:
    first, second = read("a.zip", packed(("a.txt", b"First."), ("a.txt", b"Second.")))
    assert isinstance(first, Found)
    assert "stands in the archive twice" in str(second)


def test_locked_and_damaged_members_are_named_and_the_next_is_read(read: Read) -> None:
    locked = flagged(packed(("secret.txt", b"Words.")))
    assert "a.zip#secret.txt is locked with a password" in str(read("a.zip", locked)[0])
    stored = packed(("bad.txt", b"Some words."), ("good.txt", b"Other words."), method=zipfile.ZIP_STORED)
    bad, good = read("a.zip", stored.replace(b"Some words.", b"Sxme words."))
    assert "a.zip#bad.txt is damaged" in str(bad)
    assert isinstance(good, Found)


def test_a_member_that_says_it_is_smaller_than_it_is_is_damaged(read: Read) -> None:
    raw = bytearray(packed(("a.txt", b"words " * 10_000)))
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", raw, raw.find(mark) + offset, 10)
    assert "is damaged" in str(read("a.zip", bytes(raw))[0])


def test_a_huge_table_is_text_or_a_reason(read: Read) -> None:
    table = b"<html><body><table>" + b"<tr><td>cell</td><td>1</td></tr>" * 20_000 + b"</table></body></html>"
    (found,) = read("a.html", table)
    assert "cell\t1\ncell\t1" in found.article.text if isinstance(found, Found) else found.reason


def test_a_file_that_takes_too_long_is_stopped_and_the_next_is_read(article: Callable[[str, bytes], Article]) -> None:
    with Cage(Limits(max_seconds=2)) as hurried:
        (slow,) = read_bytes("slow.pdf", stream_bomb(60_000_000), hurried)
    assert isinstance(slow, Refusal)
    assert "took longer than 2 s" in slow.reason
    assert article("a.html", b"<p>Words that are read afterwards.</p>").text


def test_a_file_that_takes_too_much_memory_is_stopped_and_the_next_is_read() -> None:
    limits = Limits(max_memory_mb=300, max_seconds=120)
    with Cage(limits) as small:
        entries = json.dumps([{"text": "x"}] * 2_000_000).encode()
        (large,) = read_bytes("large.json", entries, small)
        assert isinstance(large, Refusal)
        assert "RAG_MAX_MEMORY_MB" in large.reason or "the parser broke down" in large.reason
        (next_one,) = read_bytes("a.json", b'{"text": "Words."}', small)
        assert isinstance(next_one, Found)


def test_an_article_and_a_file_of_articles_have_their_most(read: Read, refusal: Callable[..., str]) -> None:
    assert "has 11 characters; the limit is 10 (RAG_MAX_CHARACTERS)" in refusal("a.txt", b"Some words.", max_characters=10)
    with Cage(Limits(max_articles=2)) as few:
        found = list(read_bytes("a.jsonl", b'{"text": "Words."}\n' * 3, few))
    assert "the rest was not read: 2 articles is the limit" in str(found[-1])
    assert len(found) == 3


def test_pipes_devices_links_and_folders_are_not_waited_for(tmp_path: Path, cage: Cage) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "secret.txt").write_text("Not to be read.")
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "a\nname.txt").write_text("Some words.")
    (tmp_path / os.fsdecode(b"bad-\xff-name.txt")).write_text("Other words.")
    reasons, read = dict[str, str](), list[str]()
    for one in files(tmp_path):
        for found in [one] if isinstance(one, Refusal) else read_file(one, cage, given=False):
            if isinstance(found, Refusal):
                reasons[Path(found.name).name] = found.reason
            else:
                read.append(found.name)
    assert reasons["pipe.txt"] == "is not a file but a device, a pipe or a folder"
    assert all("is a link" in reasons[name] for name in ("zero.txt", "round", "broken.txt"))
    assert {"a\nname.txt", "bad-\ufffd-name.txt"} <= set(read)
    assert list(read_file(tmp_path / "zero.txt", cage, given=True)) == [
        Refusal(str(tmp_path / "zero.txt"), "is not a file but a device, a pipe or a folder")
    ]


def test_a_file_larger_than_the_limit_is_not_read_at_all(tmp_path: Path, cage: Cage) -> None:
    with (tmp_path / "huge.pdf").open("wb") as file:
        file.truncate(1_000_000_000)
    (refused,) = read_file(tmp_path / "huge.pdf", cage, given=True)
    assert "has 1,000,000,000 bytes; the limit is 100 MB (RAG_MAX_FILE_MB)" in str(refused)


def test_a_folder_of_all_of_them_leaves_the_store_whole(tmp_path: Path, open_quick: Callable[..., Assistant]) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number, (name, raw, _) in enumerate([*REFUSED.values(), *READ.values()]):
        if len(raw) < 1_000_000:
            (folder / f"{number:02}-{name}").write_bytes(raw)
    assistant = open_quick()
    refused: list[Refusal] = []
    added = assistant.add(folder, refused=refused.append)
    assert {d.id for d in assistant.documents()} == {d.id for d in added}
    assert len(refused) >= 25
    for document in added:
        assert assistant.document(document.id).text == document.text
    hits = assistant.search("Harga beras naik", k=3)
    assert all(assistant.document(h.passage.document).text[h.passage.start : h.passage.end] == h.passage.text for h in hits)
    assert assistant.add(folder, refused=refused.append) == []
