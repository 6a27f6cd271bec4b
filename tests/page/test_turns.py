from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rag.answer import quote
from rag.page import turns
from rag.page.templates import direction, exact
from rag.page.words import WORDS
from rag.reader import Reading
from rag.records import Answer, Document, Gloss, Nearest, Span
from tests.page.conftest import TEXT

Find = Callable[[str, str], Document | None]


class Parsed(HTMLParser):
    """Every element's attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(answer: Answer, find: Find, language: str = "en") -> str:
    return turns.answered(answer, find, key="k", language=language)


def test_each_sentence_says_which_language_it_is_in(answer: Answer, find: Find):
    said = [attributes for _, attributes in Parsed(shown(answer, find)).elements if attributes.get("class") == "answer"]
    assert [attributes["lang"] for attributes in said] == ["en", "id"]


def test_the_evidence_is_the_original_with_its_translation_beside_it(answer: Answer, find: Find):
    html = shown(answer, find)
    assert f'<blockquote lang="id" dir="ltr">{TEXT[:22]}</blockquote>' in html
    assert "The answer is the translation of these words by a person." in html


def test_of_two_articles_the_later_one_is_marked(document: Document):
    earlier = replace(document, id="earlier", date="2022-01-20")
    later = replace(document, date="2022-02-01")
    quoted = quote("Kapan?", "id", [Reading(d, Span(0, 22), 0.9) for d in (earlier, later)])
    found = {d.id: d for d in (earlier, later)}
    html = shown(quoted, lambda identifier, _: found[identifier])
    assert html.count("the later article") == 1
    assert html.index("2022-02-01</time>") < html.index("the later article")


def test_a_turn_carries_its_whole_receipt(answer: Answer, find: Find):
    turn = Parsed(shown(answer, find)).elements[0][1]
    assert Answer.from_json(turn["data-receipt"] or "") == answer


def test_an_answer_that_breaks_the_contract_is_named_and_none_of_it_shown(answer: Answer, find: Find):
    forged = replace(answer, text=answer.text.replace("[2]", "[7]"))
    html = shown(forged, find)
    assert "marker [7] has no citation" in html
    assert "no longer checks out" in html
    assert "<blockquote" not in html
    assert "The city opened" not in Parsed(html).text


def test_a_close_passage_is_offered_as_what_it_is(document: Document, find: Find):
    near = Nearest("news", 0, 22, TEXT[:22], 0.4, document.sha256)
    html = shown(Answer("Why?", "en", True, "The articles do not say.", nearest=(near,)), find)
    assert "which do not answer the question" in html
    assert TEXT[:22] in html
    assert "marker" not in html


def test_the_words_that_answer_stand_out_in_the_quote(answer: Answer, find: Find):
    cost = replace(answer.citations[1], answer_span=Span(32, 39))
    html = shown(replace(answer, citations=(answer.citations[0], cost)), find)
    assert "Biayanya <strong>40 juta</strong>.</blockquote>" in html


def test_nothing_a_person_or_a_document_says_becomes_markup(answer: Answer, find: Find):
    bad = "<img src=x onerror=alert(1)> \"'><script>"
    for html in (
        turns.pending(bad, "reading", [bad], key="k", language="en"),
        turns.refused(bad, [bad], key="k", language="en", receipt={"question": bad}),
        shown(replace(answer, question=bad, problems=(bad,)), find),
    ):
        assert not {"img", "script"} & {tag for tag, _ in Parsed(html).elements}
        assert bad in Parsed(html).text


def test_a_question_refused_for_its_length_is_not_shown_at_that_length():
    html = turns.refused("x" * 100_000, ["too long"], key="k", language="en")
    assert len(html) < 2000


def test_a_question_that_is_not_text_can_still_be_shown_as_refused():
    assert "a?b" in turns.refused("a\ud800b", ["not text"], key="k", language="en")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_comes_through_html_code_point_for_code_point(text: str):
    assert Parsed(f"<p>{exact(text)}</p>").text == text
    assert "\r" not in exact(text)  # which a browser would turn into a line feed


def test_arabic_reads_from_the_right_and_indonesian_from_the_left():
    assert [direction("ar"), direction("ar-EG"), direction("id")] == ["rtl", "rtl", "ltr"]


def test_the_page_says_the_same_things_in_each_of_its_languages():
    fields = [{key: sorted(part for part in text.split() if "{" in part) for key, text in WORDS[name].items()} for name in WORDS]
    assert fields[0].keys() == fields[1].keys()
    assert [key for key in fields[0] if bool(fields[0][key]) != bool(fields[1][key])] == []


def test_a_turn_is_framed_in_the_language_of_the_page(answer: Answer, find: Find):
    assert "Kata-kata yang menjadi dasarnya" in shown(answer, find, "id")
    assert shown(answer, find, "xx") == shown(answer, find, "en")


def test_a_turn_says_whose_words_it_is_in(answer: Answer, find: Find):
    worded = replace(answer, answerer="<gemma>", understood="What <opened>?", manifest={"language_model": "<gemma>"})
    instead = replace(answer, manifest={"language_model": "<gemma>"}, problems=("“It flew.”: it cites nothing",))
    assert "Worded by <gemma>, a language model." in Parsed(shown(worded, find)).text
    assert "Read as: What <opened>?" in Parsed(shown(worded, find)).text
    assert "no wording by <gemma> passed the checks" in Parsed(shown(instead, find)).text
    assert "“It flew.”: it cites nothing" in Parsed(shown(instead, find)).text
    assert "Dirangkai oleh" in shown(worded, find, "id")
    assert "language model" not in shown(answer, find)


def test_a_translation_by_a_machine_is_marked_as_one(answer: Answer, find: Find):
    first, second = answer.citations
    machine = replace(second, translation=Gloss("en", "It cost 40 million.", "gemma", machine=True))
    assert "Machine translation by gemma; the quote counts" in shown(replace(answer, citations=(first, machine)), find)


def test_quotes_stand_in_a_turn_as_evidence_while_a_language_model_writes(answer: Answer, find: Find):
    html = turns.pending("Q", "writing", ["It <opened>. [1]"], key="k", language="en", quoted=answer, find=find)
    text = Parsed(html).text
    assert (
        text.index("It <opened>. [1]")
        < text.index("A language model is putting it into words")
        < text.index("Kota membuka jembatan.")
    )
    assert html.count("Show in the article") == len(answer.citations)
    assert "Translation by a person" in text
    assert "The answer is the translation" not in text


def test_quotes_that_do_not_check_out_are_not_shown_while_a_language_model_writes(answer: Answer, find: Find):
    forged = replace(answer, citations=(replace(answer.citations[0], quote="Kota menutup jembatan."), *answer.citations[1:]))
    html = turns.pending("Q", "writing", [], key="k", language="en", quoted=forged, find=find)
    assert "Kota" not in Parsed(html).text
    assert "data-receipt" not in html
