import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Assistant, Config, ScriptedModel, StoreError
from rag.errors import DocumentError, LanguageModelError, ReceiptError, UnknownDocument
from rag.page.desk import Desk
from rag.records import Answer, Document, Nearest
from tests.page.conftest import TEXT


def opened(desk: Desk) -> Desk:
    while desk.status("en")["state"] == "warming":
        time.sleep(0.01)
    return desk


@pytest.fixture
def desk(open_quick: Callable[..., Assistant], document: Document) -> Iterator[Desk]:
    assistant = open_quick()
    assistant.library.add([document])
    desk = opened(Desk(assistant.config, lambda _: assistant))
    yield desk
    desk.close()


def test_a_question_is_answered_step_by_step_and_ends_with_its_receipt(desk: Desk):
    steps = list(desk.ask("What of the bridge?", [], [], "k", "en"))
    assert "Searching the articles" in steps[0]
    assert "data-receipt" in steps[-1]
    assert all('id="k"' in step for step in steps)


def test_what_cannot_be_asked_is_refused_in_a_sentence(desk: Desk):
    (*_, last) = desk.ask(" ", [], [], "k", "en")
    assert "the question is blank" in last
    (*_, last) = desk.ask("What?", [], ["no-such"], "k", "en")
    assert "no document" in last


def test_what_keeps_the_store_from_opening_is_said_wherever_it_is_needed(tmp_path: Path):
    def fail(_: Config) -> Assistant:
        raise StoreError("the store is <locked>")

    desk = opened(Desk(Config(home=tmp_path), fail))
    assert desk.status("en")["text"] == "the store is <locked>"
    (*_, last) = desk.ask("What?", [], [], "k", "en")
    assert "the store is &lt;locked&gt;" in last
    desk.close()


def test_a_kept_answer_is_shown_again_and_a_forged_one_is_not(desk: Desk, answer: Answer):
    forged = answer.to_dict() | {"text": "The city closed a bridge. [1]"}
    good, bad, nonsense = desk.restore([answer.to_dict(), forged, {"question": "Q"}], "en")
    assert "blockquote" in good
    assert "the text is not its sentences joined" in bad
    assert "What was saved is not an answer." in nonsense


def test_a_citation_leads_to_the_revision_that_it_quotes(desk: Desk, answer: Answer, document: Document):
    assert "The article was changed" not in desk.source(answer.to_dict(), 1, "en")
    library = desk._assistant.library
    library.add([Document("news", "Kota menutup jembatan.", "Jembatan", "id")])
    html = desk.source(answer.to_dict(), 1, "en")
    assert TEXT[:22] in html
    assert "and the quoted words with it." in html
    assert "Kota <del>membuka</del><ins>menutup</ins> jembatan." in html
    library.add([Document("news", TEXT + " Sekian.", "Jembatan", "id")])
    assert "though not in the words quoted." in desk.source(answer.to_dict(), 1, "en")
    library.remove("news")
    assert "was taken out of the library" in desk.source(answer.to_dict(), 1, "en")


def test_no_source_is_shown_for_a_receipt_that_does_not_check_out(desk: Desk, answer: Answer):
    forged = json.loads(json.dumps(answer.to_dict()))
    forged["citations"][0]["start"] = 1
    with pytest.raises(ReceiptError, match="quote is not what stands"):
        desk.source(forged, 1, "en")
    with pytest.raises(ReceiptError, match="no citation 9"):
        desk.source(answer.to_dict(), 9, "en")


def test_a_close_passage_leads_to_the_revision_it_was_cut_from(desk: Desk, document: Document):
    near = Nearest("news", 0, 22, TEXT[:22], 0.4, document.sha256)
    declined = Answer("Why?", "en", True, "The articles do not say.", nearest=(near,)).to_dict()
    assert "which does not answer the question" in desk.near(declined, 0, "en")
    with pytest.raises(ReceiptError, match="no close passage 1"):
        desk.near(declined, 1, "en")


def test_articles_are_found_by_what_they_are_called(desk: Desk):
    assert "<li>" in desk.find("jembatan", "en")
    assert "<li>" not in desk.find("no such", "en")


def test_an_article_can_be_read_without_a_question(desk: Desk):
    assert "<mark" not in desk.article("news", "en")


def test_only_what_checks_out_is_exported(desk: Desk, answer: Answer):
    forged = answer.to_dict() | {"text": "The city closed a bridge. [1]"}
    assert [turn["text"] for turn in json.loads(desk.export([forged, answer.to_dict(), None], "json"))] == [answer.text]
    for form in ("markdown", "html"):
        assert "did not pass the check: 2 of" in desk.export([forged, answer.to_dict(), None], form)
        assert "Left out" not in desk.export([answer.to_dict()], form)


def test_questions_to_start_from_come_from_the_corpus(tmp_path: Path):
    config = Config(home=tmp_path, corpus=tmp_path, embedder="hashing")
    (tmp_path / "examples.json").write_text('[{"language": "ar", "question": "<b>?"}]')
    shells = Desk(config, lambda _: None).shells()
    assert shells.keys() == {"en", "id"}
    assert 'lang="ar" dir="rtl">&lt;b&gt;?</button>' in shells["id"]
    (tmp_path / "examples.json").write_text("{}")
    with pytest.raises(DocumentError, match=r"examples\.json"):
        Desk(config, lambda _: None).shells()


def correct(desk: Desk, **about: str) -> str:
    document = desk._assistant.document("news")
    given = {name: getattr(document, name) for name in ("title", "author", "publisher", "date", "language", "url")}
    return desk.correct("news", given | about, "en")


def test_what_is_known_about_an_article_can_be_corrected_and_its_text_cannot(desk: Desk, answer: Answer):
    html = correct(desk, title="Jembatan <baru>", author="Budi", date="2025-03", url="https://e.example/1", text="Other.")
    assert "Jembatan &lt;baru&gt;" in html
    document = desk._assistant.document("news")
    assert (document.text, document.author, document.date, document.url) == (TEXT, "Budi", "2025-03", "https://e.example/1")
    assert "blockquote" in desk.restore([answer.to_dict()], "en")[0]
    dated = replace(answer, citations=tuple(replace(c, date="2025-03") for c in answer.citations))
    for date in ("2024", "2023-01-02"):  # an answer from before a correction still holds
        correct(desk, date=date)
        assert "blockquote" in desk.restore([dated.to_dict()], "en")[0]
    forged = replace(answer, citations=tuple(replace(c, date="1999") for c in answer.citations))
    assert "no longer checks out" in desk.restore([forged.to_dict()], "en")[0]
    assert desk._assistant.search("jembatan", k=1)[0].passage.document == "news"


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"date": "12 March"}, "as a year"),
        ({"language": "Indonesian"}, "as its tag"),
        ({"url": "javascript:alert(1)"}, "begins with http"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_a_sentence(desk: Desk, about: dict[str, str], said: str):
    with pytest.raises(DocumentError, match=said):
        correct(desk, **about)


def test_an_article_can_be_indexed_again_and_removed(desk: Desk, answer: Answer):
    assert TEXT[:22] in desk.reindex("news", "en")
    assert desk._assistant.search("jembatan", k=1)
    assert "<li>" not in desk.remove("news", "en")
    assert desk._assistant.search("jembatan", k=1) == []
    assert "was taken out of the library" in desk.source(answer.to_dict(), 1, "en")
    with pytest.raises(UnknownDocument):
        desk.reindex("news", "en")


def test_there_is_a_report_once_one_was_made(desk: Desk):
    assert desk.report() == ""
    folder = desk._config.home / "eval"
    folder.mkdir()
    (folder / "report.html").write_text("<h1>Report</h1>")
    assert desk.report() == "<h1>Report</h1>"


def test_verified_quotes_are_shown_while_a_language_model_writes(open_quick: Callable[..., Assistant], document: Document):
    model = ScriptedModel({"Quotations:": "Kota membuka jembatan. [1]"})
    assistant = open_quick(language_model=model, risk=0.6)
    assistant.library.add([document])
    steps = list(Desk(assistant.config, lambda _: assistant).ask("Kota membuka jembatan", [], [], "k", "en"))
    quoted = next(n for n, step in enumerate(steps) if "A language model is putting it into words" in step)
    assert TEXT[:22] in steps[quoted]
    assert "Worded by scripted" in steps[-1]


def test_words_that_take_too_long_are_left_for_the_quotes(open_quick: Callable[..., Assistant], document: Document):
    model = ScriptedModel({"Quotations:": "Kota membuka jembatan. [1] Kota membuka jembatan baru. [1]"})
    assistant = open_quick(language_model=model, risk=0.6)
    assistant.library.add([document])
    desk = Desk(assistant.config, lambda _: assistant)
    steps = desk.ask("Kota membuka jembatan", [], [], "k", "en")
    assert any("Leave it at the quotes" in step for step in steps)
    quoted = desk.halt("k", "en")
    assert "data-receipt" in quoted
    assert "Worded by" not in quoted
    assert list(steps) == [quoted]
    assert desk.halt("k", "en") == ""


def test_quotes_without_a_translation_are_given_one_where_there_is_a_language_model(
    open_quick: Callable[..., Assistant], document: Document
):
    model = ScriptedModel({"Sentence: Kota membuka jembatan.": "The city opened a bridge."})
    assistant = open_quick(language_model=model, risk=0.6)
    assistant.library.add([replace(document, translations=())])
    desk = opened(Desk(assistant.config, lambda _: assistant))
    answer = assistant.ask("Kota membuka jembatan", language="en")
    (html,) = desk.restore([answer.to_dict()], "en")
    assert "Translate the quotes" in html
    html = desk.translate(answer.to_dict(), "k", "en")
    assert "The city opened a bridge." in html
    assert "Machine translation by scripted" in html
    assert "Translate the quotes" not in html


def test_a_translation_into_another_language_does_not_stand_in_for_the_reader_s(
    open_quick: Callable[..., Assistant], document: Document
):
    assistant = open_quick(
        language_model=ScriptedModel({"Sentence: Kota membuka jembatan.": "Die Stadt öffnete eine Brücke."}), risk=0.6
    )
    assistant.library.add([document])
    desk = opened(Desk(assistant.config, lambda _: assistant))
    answer = assistant.ask("Kota membuka jembatan", language="de")
    (html,) = desk.restore([answer.to_dict()], "en")
    assert "Translate the quotes" in html
    assert "Die Stadt öffnete eine Brücke." in desk.translate(answer.to_dict(), "k", "en")


def test_it_is_said_where_no_translation_passes_the_checks(open_quick: Callable[..., Assistant], document: Document):
    assistant = open_quick(language_model=ScriptedModel({}), risk=0.6)
    assistant.library.add([replace(document, translations=())])
    desk = opened(Desk(assistant.config, lambda _: assistant))
    answer = assistant.ask("Kota membuka jembatan", language="en")
    assert "No translation of these quotes passed" in desk.translate(answer.to_dict(), "k", "en")


def test_without_a_language_model_no_translation_is_offered(desk: Desk, answer: Answer):
    (html,) = desk.restore([answer.to_dict()], "en")
    assert "Translate the quotes" not in html
    with pytest.raises(LanguageModelError, match="there is no language model"):
        desk.translate(answer.to_dict(), "k", "en")
