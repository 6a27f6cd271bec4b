import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rag import answer as answers
from rag.citations import breaches, wording
from rag.passages import sentences
from rag.reader import Reading
from rag.records import AlignedSentence, Answer, Document, Span, Translation

TEXT = 'Menteri berkata [1] ya. Ia berkata "tidak" pada 3,2 triliun.'
DOCUMENT = Document("d", TEXT, "Judul", "id")
READINGS = [Reading(DOCUMENT, Span(0, 23), 0.9), Reading(DOCUMENT, Span(24, 60), 0.8)]


def find(identifier: str, sha256: str) -> Document | None:
    return DOCUMENT if (identifier, sha256) == (DOCUMENT.id, DOCUMENT.sha256) else None


def sound() -> Answer:
    return answers.quote("apa?", "id", READINGS)


def test_a_sound_answer_has_no_breach() -> None:
    assert breaches(sound(), find) == []
    assert breaches(answers.decline("apa?", "id", READINGS), find) == []


def test_a_marker_of_the_documents_own_is_kept_in_the_quote_and_disarmed_in_the_text() -> None:
    answer = sound()
    assert answer.citations[0].quote == "Menteri berkata [1] ya."
    assert answer.text.startswith("Menteri berkata (1) ya. [1]")
    assert wording("a\n b [12][3]") == "a b (12)(3)"


def test_each_breach_is_named() -> None:
    answer = sound()
    first, second = answer.citations
    shifted = replace(answer, citations=(replace(first, start=1, end=24), second))
    assert breaches(shifted, find)[0] == "citation 1: the quote is not what stands at [1, 24) in 'd'"
    outside = replace(answer, citations=(replace(first, end=99), second))
    assert breaches(outside, find)[0] == "citation 1: [0, 99) is no place in 'd'"
    unknown = replace(answer, citations=(replace(first, document="e"), second))
    assert breaches(unknown, find)[0].startswith("citation 1: no document 'e' with text")
    assert "marker [2] has no citation" in breaches(replace(answer, citations=(first,)), find)
    assert "declined, and yet it cites" in breaches(replace(answer, declined=True), find)
    assert breaches(replace(answer, text="Ya. [1][2]"), find) == ["the text is not its sentences joined"]
    words_outside = replace(answer, citations=(replace(first, answer_span=Span(20, 30)), second))
    assert breaches(words_outside, find) == ["citation 1: the words that answer lie outside the quote"]


def test_a_date_that_is_not_the_document_s_is_named_and_so_is_a_wrong_order() -> None:
    answer = sound()
    first, second = answer.citations
    dated = replace(answer, citations=(first, replace(second, date="2022-02-01", later=True)))
    assert breaches(dated, find) == [
        "citation 2: the date is not the one kept with 'd'",
        "citation 2 is marked as later than another",
    ]
    later = replace(answer, citations=(replace(first, later=True), second))
    assert breaches(later, find) == ["citation 1 is marked as later than another"]


def test_an_answer_of_nothing_is_neither_declined_nor_answered() -> None:
    assert breaches(Answer("q", "en", declined=False, text=""), find) == ["neither declined nor answered"]


def test_a_model_may_use_its_own_words_but_a_quotation_may_not() -> None:
    answer = sound()
    said = (replace(answer.sentences[0], text="The minister agreed."), answer.sentences[1])
    changed = replace(answer, sentences=said, text=" ".join(s.marked for s in said))
    assert breaches(changed, find) == ["a sentence says other than citation 1, which it rests on"]
    assert breaches(replace(changed, answerer="some model"), find) == []


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any text at all, now and then repetitive or with markers, some with a translation of some sentences."""
    pieces = st.text(max_size=60) | st.sampled_from(["Sama. ", "[1] ", "é", "e\u0301", "\u202e", "İstanbul ", ". ", "\n\n", "]["])
    text = "".join(draw(st.lists(pieces, max_size=12)))
    spans = sentences(text, "id")
    aligned = tuple(AlignedSentence(s.start, s.end, draw(st.text(max_size=20))) for s in spans if draw(st.booleans()))
    return Document("d", text, draw(st.text(max_size=10)), "id", translations=(Translation("en", "us", aligned),))


@settings(max_examples=10_000, deadline=None)
@given(documents(), st.sampled_from(["id", "en", "ru"]), st.data())
def test_the_invariants_hold_for_any_document_and_any_choice(document: Document, language: str, data: st.DataObject) -> None:
    readings = [Reading(document, span, 0.5) for span in sentences(document.text, "id")]
    chosen = data.draw(st.lists(st.sampled_from(readings), min_size=1, max_size=4)) if readings else []
    answer = answers.quote("?", language, chosen) if chosen else answers.decline("?", language, readings)
    assert breaches(answer, lambda *_: document) == []
    assert breaches(Answer.from_json(json.dumps(answer.to_dict())), lambda *_: document) == []
    for citation in answer.citations:
        assert document.text[citation.start : citation.end] == citation.quote
