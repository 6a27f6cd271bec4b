import html.parser
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from rag import Answer, Citation, Document, Sentence, exports
from rag.records import Gloss, Nearest

TEXT = "Kota membuka jembatan. Biayanya 40 juta. Jembatan dibuka."
DOCUMENT = Document("berita kota", TEXT, "Jembatan *baru*", "id", "Koran", date="2026-11-09")
HOSTILE = "<img src=x onerror=alert(1)> [kutip](https://example.com) **bold** `code` [^1] | & 1. one"


def find(identifier: str, sha256: str) -> Document | None:
    return DOCUMENT if (identifier, sha256) == (DOCUMENT.id, DOCUMENT.sha256) else None


@pytest.fixture
def answer() -> Answer:
    gloss = Gloss("en", "It cost 40 million.", "a person")
    cost = Citation(1, DOCUMENT.id, DOCUMENT.title, 23, 40, TEXT[23:40], 0.9, DOCUMENT.sha256, gloss)
    opened = Citation(2, DOCUMENT.id, DOCUMENT.title, 0, 22, TEXT[:22], 0.8, DOCUMENT.sha256)
    sentences = (Sentence("It cost 40 million.", (1,)), Sentence(TEXT[:22], (2, 1)))
    return Answer("What did it cost?", "en", False, f"It cost 40 million. [1] {TEXT[:22]} [2][1]", sentences, (cost, opened))


@pytest.fixture
def declined() -> Answer:
    return Answer(
        "Why?", "en", True, "The articles do not say.", nearest=(Nearest(DOCUMENT.id, 0, 22, TEXT[:22], 0.3, DOCUMENT.sha256),)
    )


def test_an_annotation_selects_the_quote_by_its_words_and_by_its_place(answer: Answer):
    first, _ = exports.annotations(answer, find)
    quote, position = first["target"]["selector"]
    assert quote == {
        "type": "TextQuoteSelector",
        "exact": "Biayanya 40 juta.",
        "prefix": "Kota membuka jembatan. ",
        "suffix": " Jembatan dibuka.",
    }
    assert position == {"type": "TextPositionSelector", "start": 23, "end": 40}
    assert TEXT[position["start"] : position["end"]] == quote["exact"]


def test_an_annotation_has_what_the_standard_requires(answer: Answer):
    items = exports.annotations(answer, find)
    assert {item["@context"] for item in items} == {"http://www.w3.org/ns/anno.jsonld"}
    assert {item["type"] for item in items} == {"Annotation"}
    assert len({item["id"] for item in items}) == 2
    assert items[0]["target"]["source"] == f"urn:kutip:berita%20kota:{DOCUMENT.sha256}"
    assert items[0]["body"]["value"] == f"It cost 40 million. {TEXT[:22]}"  # both sentences rest on it


def test_markdown_gives_each_marker_its_footnote(answer: Answer):
    lines = exports.markdown(answer).splitlines()
    assert lines[0] == "It cost 40 million.[^1] Kota membuka jembatan.[^2][^1]"
    assert lines[2].startswith("[^1]: “Biayanya 40 juta.” — *Jembatan \\*baru\\**, berita kota [23, 40)")
    assert lines[3] == "    It cost 40 million. (translated by a person)"


def test_plain_text_has_the_quotes_below(answer: Answer):
    lines = exports.text(answer).splitlines()
    assert lines[0] == answer.text
    assert lines[2] == "[1] “Biayanya 40 juta.”"
    assert "    en, translated by a person: It cost 40 million." in lines


@pytest.mark.parametrize("write", [exports.markdown, exports.text])
def test_nothing_drives_the_terminal_and_joiners_stay(answer: Answer, write: Callable[[Answer], str]):
    (first, *others) = answer.citations
    hostile = replace(answer, citations=(replace(first, title="\x1b[2J\u202eمی\u200cشود"), *others), problems=("\x1b]0;x\x07",))
    written = write(hostile)
    assert not {"\x1b", "\u202e", "\x07"} & set(written)
    assert "می\u200cشود" in written


@pytest.mark.parametrize("write", [exports.markdown, exports.text])
def test_a_declined_answer_is_written_with_passages_that_are_no_evidence(write: Callable[[Answer], str], declined: Answer):
    written = write(declined)
    assert written.startswith("The articles do not say.")
    assert "Closest passages, which do not answer it:" in written
    assert "[1]" not in written


def test_nothing_quoted_becomes_markdown(answer: Answer):
    hostile = replace(answer, sentences=(Sentence(HOSTILE, (1,)),), citations=answer.citations[:1])
    first = exports.markdown(hostile).splitlines()[0]
    assert first == (r"\<img src=x onerror=alert(1)\> \[kutip\](https://example.com) \*\*bold\*\* \`code\` \[^1\] \| \& 1. one[^1]")


@pytest.mark.parametrize(("words", "written"), [("# 1", r"\# 1"), ("1. x", r"1\. x"), ("12) x", r"12\) x"), ("- x", r"\- x")])
def test_words_that_begin_like_a_heading_or_a_list_stay_words(words: str, written: str, declined: Answer):
    assert exports.markdown(replace(declined, text=words)).startswith(written)


def test_a_conversation_in_markdown_numbers_footnotes_by_turn(answer: Answer, declined: Answer):
    written = exports.conversation_markdown([answer, declined, answer])
    assert written.count("## What did it cost?") == 2
    assert "[^1-1]: “Biayanya" in written
    assert "[^3-1]: “Biayanya" in written


def test_a_conversation_in_html_runs_and_loads_nothing(answer: Answer, declined: Answer):
    page = exports.conversation_html([replace(answer, question=HOSTILE), declined])
    tags: set[str] = set()
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.add(tag)  # type: ignore[method-assign]
    parser.feed(page)
    assert not tags & {"img", "script", "link", "iframe"}
    assert '<a href="#c1-2">2</a>' in page
    assert 'id="c1-2"' in page
    assert "Biayanya 40 juta." in page


def test_a_conversation_in_json_is_its_receipts(answer: Answer, declined: Answer):
    saved = json.loads(exports.conversation_json([answer, declined]))
    assert [Answer.from_json(json.dumps(turn)) for turn in saved] == [answer, declined]


def test_a_citation_as_pasted_says_where_it_stands_and_what_pins_it(answer: Answer):
    assert exports.citation_line(answer.citations[0], DOCUMENT) == (
        f"“Biayanya 40 juta.” (Jembatan *baru*, Koran, 2026-11-09; berita kota [23, 40), sha256 {DOCUMENT.sha256[:12]})"
    )
