import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Answer, Assistant, Event, ScriptedModel, Turn
from rag.citations import breaches
from rag.errors import QuestionError, UnknownDocument
from rag.language import detect_language
from rag.records import Document
from tests.conftest import ARTICLE, EVIDENCE

RICE = Document("rice", "Harga beras naik sepuluh persen. Petani di Jawa senang. Pemerintah diam.", "Beras", "id")
BALL = Document("ball", "Tim nasional menang dua gol. Pelatih puas sekali.", "Bola", "id")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Will US troops defend Ukraine?", EVIDENCE),
        ("Apakah pasukan AS akan membela Ukraina?", EVIDENCE),
        ("Будут ли американские войска защищать Украину?", EVIDENCE),
        ("هل ستدافع القوات الأمريكية عن أوكرانيا؟", EVIDENCE),
        ("美国军队会保卫乌克兰吗？", EVIDENCE),
        ("Qui a demandé la rencontre ?", "datang atas permintaan Blinken"),
        ("Which cities did Blinken visit before Geneva?", "pertemuan di Kyiv dan Berlin"),
        ("What does Russia demand of NATO?", "mengesampingkan ekspansi lebih lanjut"),
        ("Could Biden and Putin meet?", "pertemuan puncak antara Presiden Biden"),
        ("Where are the new Russian deployments?", "pengerahan baru yang signifikan ke Belarus"),
    ],
)
def test_the_right_sentence_is_cited(assistant: Assistant, question: str, words: str) -> None:
    answer = assistant.ask(question)
    assert not answer.declined
    assert words in answer.citations[0].quote
    assert breaches(answer, assistant.library.revision) == []


@pytest.mark.parametrize(
    "question", ["What is the price of oil?", "How do I bake bread?", "Кто выиграл чемпионат мира по футболу?"]
)
def test_what_is_far_off_is_declined_in_the_language_of_the_question(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.declined
    assert answer.citations == ()
    assert len(answer.nearest) == 3
    assert detect_language(answer.text) == answer.language == detect_language(question)


def test_an_answer_reads_in_the_language_of_the_translation_with_the_original_as_evidence(assistant: Assistant) -> None:
    (citation,) = (answer := assistant.ask("Will US troops defend Ukraine?")).citations
    assert "will not be deployed" in answer.text
    assert citation.translation is not None
    assert (citation.translation.language, citation.translation.by) == ("en", "the Kutip authors")
    russian = assistant.ask("Будут ли американские войска защищать Украину?")
    assert russian.sentences[0].text == russian.citations[0].quote


def test_the_language_of_the_answer_can_be_chosen(assistant: Assistant) -> None:
    assert "will not be deployed" in assistant.ask("Будут ли американские войска защищать Украину?", language="en").text


@pytest.fixture
def shop(open_quick: Callable[..., Assistant]) -> Assistant:
    assistant = open_quick(risk=0.3)
    assistant.library.add([RICE, BALL])
    return assistant


def test_two_reports_of_different_dates_are_both_quoted_and_the_later_is_marked(open_quick: Callable[..., Assistant]) -> None:
    first = Document("first", "Harga beras naik sepuluh persen. Hujan turun.", "Beras", "id", date="2022-01-20")
    second = Document("second", "Harga beras naik lima persen. Hujan reda.", "Beras", "id", date="2022-01-21")
    assistant = open_quick(risk=0.6)
    assistant.library.add([first, second])
    answer = assistant.ask("harga beras naik sepuluh persen")
    assert [(c.document, c.date, c.later) for c in answer.citations] == [
        ("first", "2022-01-20", False),
        ("second", "2022-01-21", True),
    ]
    assert breaches(answer, assistant.library.revision) == []


def test_a_question_is_no_answer_to_itself(open_quick: Callable[..., Assistant]) -> None:
    assistant = open_quick(risk=0.6)
    assistant.library.add([Document("asks", "Apakah harga beras naik?\n\nHarga beras naik sepuluh persen.", "Beras", "id")])
    answer = assistant.ask("Apakah harga beras naik?")
    assert {c.quote for c in (*answer.citations, *answer.nearest)} == {"Harga beras naik sepuluh persen."}


def test_a_stream_ends_with_the_answer_after_its_stages_and_checked_sentences(shop: Assistant) -> None:
    *steps, last = shop.stream("harga beras naik sepuluh persen")
    assert [event.text for event in steps if event.kind == "stage"] == ["searching", "reading"]
    assert last.answer is not None
    assert [event.text for event in steps if event.kind == "sentence"] == [s.marked for s in last.answer.sentences]


def test_asking_many_gives_the_answers_of_asking_one_by_one_in_order(shop: Assistant) -> None:
    questions = ["harga beras naik sepuluh persen", "tim nasional menang dua gol", "zzz qqq"]
    together, alone = shop.ask_many(questions), [shop.ask(q) for q in questions]
    assert [(a.question, a.text, a.citations) for a in together] == [(a.question, a.text, a.citations) for a in alone]
    assert shop.ask_many([]) == []


def test_asking_does_not_block_the_event_loop(shop: Assistant) -> None:
    async def both() -> tuple[str, list[Event]]:
        asked = asyncio.create_task(shop.aask("harga beras naik sepuluh persen"))
        events = [event async for event in shop.astream("tim nasional menang dua gol")]
        return (await asked).text, events

    text, events = asyncio.run(both())
    assert text.startswith("Harga beras")
    assert events[-1].text.startswith("Tim nasional")


def test_a_search_can_be_limited_to_documents_and_an_unknown_one_is_named(shop: Assistant) -> None:
    answer = shop.ask("harga beras naik sepuluh persen", documents=["ball"])
    assert {near.document for near in answer.nearest} | {c.document for c in answer.citations} <= {"ball"}
    with pytest.raises(UnknownDocument, match="no document 'bal'"):
        shop.ask("harga beras", documents=["bal"])


def test_among_no_documents_nothing_is_found(shop: Assistant) -> None:
    assert shop.search("harga beras", documents=[]) == []
    assert shop.ask("harga beras naik sepuluh persen", documents=[]).declined


def test_a_tag_with_a_region_is_its_language(assistant: Assistant) -> None:
    answer = assistant.ask("Will US troops defend Ukraine?", language="en-US")
    assert answer.language == "en-US"
    assert "will not be deployed" in answer.text
    brazilian, portuguese = (assistant.ask("What is the price of oil?", language=tag).text for tag in ("pt-BR", "pt"))
    assert brazilian == portuguese


def test_a_follow_up_that_does_not_answer_alone_is_read_behind_the_question_it_follows(shop: Assistant) -> None:
    before = "harga beras naik sepuluh persen petani di Jawa"
    alone, after = shop.ask("kapan?"), shop.ask("kapan?", history=[(before, "...")])
    assert alone.declined
    assert after.question == "kapan?"
    assert after.confidence > alone.confidence
    assert shop.ask("kapan?", history=[Turn(before, "...")]).text == after.text


def test_a_question_that_answers_alone_is_not_touched_by_history(shop: Assistant) -> None:
    alone = shop.ask("tim nasional menang dua gol")
    after = shop.ask("tim nasional menang dua gol", history=[("harga beras naik", "...")])
    assert (alone.text, alone.confidence) == (after.text, after.confidence)


def test_an_empty_library_declines(open_quick: Callable[..., Assistant]) -> None:
    answer = open_quick().ask("harga beras?")
    assert (answer.declined, answer.nearest, answer.confidence) == (True, (), 0.0)


def test_what_cannot_be_asked_is_refused_alone_and_in_a_batch(shop: Assistant) -> None:
    for ask in (shop.ask, shop.search, lambda q: shop.ask_many(["apa?", q])):
        with pytest.raises(QuestionError):
            ask(" ")


def test_an_embedded_store_that_was_never_filled_is_filled_from_the_corpus(assistant: Assistant) -> None:
    assert [document.id for document in assistant.documents()] == [ARTICLE]


def test_a_store_emptied_on_purpose_stays_empty(open_quick: Callable[..., Assistant], tmp_path: Path) -> None:
    corpus = tmp_path / "some-corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Harga beras naik.")
    open_quick(corpus=corpus).remove("a")
    assert open_quick(corpus=corpus).documents() == []


def test_closing_twice_is_safe(open_quick: Callable[..., Assistant]) -> None:
    assistant = open_quick()
    assistant.close()
    assistant.close()


def test_a_breach_is_never_shown_but_named(shop: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.assistant.breaches", lambda *_: ["something is wrong"])
    answer = shop.ask("harga beras naik sepuluh persen")
    assert answer.declined
    assert answer.citations == ()
    assert answer.problems == ("something is wrong",)


ASKED = "harga beras naik sepuluh persen"
ALONE = "harga beras naik sepuluh persen, berapa?"
WORDED = "Beras naik sepuluh persen. [1]"


def worded(open_quick: Callable[..., Assistant], *replies: str, **settings: object) -> tuple[Assistant, ScriptedModel]:
    """A shop whose answers a language model words."""
    model = ScriptedModel({"Last question:": ALONE, "Quotations:": replies})
    assistant = open_quick(language_model=model, risk=0.3, **settings)
    assistant.library.add([RICE, BALL])
    return assistant, model


def test_the_quoted_answer_comes_at_once_then_the_models_words_sentence_by_sentence(open_quick: Callable[..., Assistant]) -> None:
    assistant, _ = worded(open_quick, f"{WORDED} Petani di Jawa senang. [1][3]")
    events = list(assistant.stream(ASKED))
    assert [event.kind for event in events] == ["stage", "stage", "quotes", "stage", "sentence", "sentence", "answer"]
    quoted, answer = events[2].answer, events[-1].answer
    assert quoted is not None
    assert answer is not None
    assert (quoted.answerer, answer.answerer) == ("extractive", "scripted")
    assert answer.text == f"{WORDED} Petani di Jawa senang. [1][3]" == " ".join(e.text for e in events if e.kind == "sentence")
    assert answer.citations[0] == quoted.citations[0]
    assert [c.number for c in answer.citations] == [1, 3]
    assert {"language_model": "scripted", "prompts": "1"}.items() <= answer.manifest.items()
    for one in (quoted, answer):
        assert breaches(one, assistant.library.revision) == []


@pytest.mark.parametrize(
    "reply", ["", "Beras. [7]", "Beras naik 11 persen. [1]", "Rice became ten percent more expensive today. [1]"]
)
def test_the_quoted_answer_stands_where_no_words_pass_and_says_why(open_quick: Callable[..., Assistant], reply: str) -> None:
    assistant, _ = worded(open_quick, reply)
    *steps, last = assistant.stream(ASKED)
    assert last.answer is not None
    assert (last.answer.answerer, last.answer.text) == ("extractive", f"{RICE.text[:32]} [1]")
    assert [event.text for event in steps if event.kind == "sentence"] == [last.answer.text]
    assert len(last.answer.problems) == 1
    assert breaches(last.answer, assistant.library.revision) == []


def test_a_model_is_not_asked_what_the_documents_do_not_say(open_quick: Callable[..., Assistant]) -> None:
    assistant, model = worded(open_quick, "Anything. [1]")
    assert assistant.ask("zzz qqq").declined
    assert model.prompts == []


def test_who_stops_listening_stops_the_model(open_quick: Callable[..., Assistant]) -> None:
    assistant, model = worded(open_quick, WORDED)
    events = assistant.stream(ASKED)
    while next(events).kind != "quotes":
        pass
    events.close()
    assert model.prompts == []


def test_a_follow_up_is_read_as_the_model_makes_it_stand_alone_and_the_answer_says_so(open_quick: Callable[..., Assistant]) -> None:
    assistant, model = worded(open_quick, WORDED)
    answer = assistant.ask("berapa?", history=[("harga beras?", "...")])
    assert (answer.question, answer.understood) == ("berapa?", ALONE)
    assert f"Question: {ALONE}" in model.prompts[1].content
    assert Answer.from_json(json.dumps(answer.to_dict())) == answer
    assert assistant.ask(ASKED).understood == ""


def test_a_follow_up_is_read_behind_the_questions_before_where_the_model_does_not_help(
    open_quick: Callable[..., Assistant],
) -> None:
    helpless = open_quick(language_model=ScriptedModel({}), risk=0.3)
    helpless.library.add([RICE, BALL])
    history = [("harga beras naik sepuluh persen petani di Jawa", "...")]
    answer = helpless.ask("kapan?", history=history)
    assert answer.understood == ""
    assert answer.confidence > helpless.ask("kapan?").confidence


def test_what_the_model_took_is_told_and_nothing_without_one(open_quick: Callable[..., Assistant], shop: Assistant) -> None:
    assistant, _ = worded(open_quick, WORDED, home=shop.config.home.parent / "other", llm_price="1000000,1000000")
    usage = assistant.ask(ASKED).usage
    assert usage["replies"] == 1
    assert usage["cost"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert shop.ask(ASKED).usage == {}


def test_a_model_can_be_configured_by_name(open_quick: Callable[..., Assistant], tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"Quotations:": WORDED}))
    assistant = open_quick(llm=f"scripted:{script}", risk=0.3)
    assistant.library.add([RICE])
    assert assistant.ask(ASKED).answerer == "scripted"
