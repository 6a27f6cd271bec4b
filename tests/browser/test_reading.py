"""A person asks, reads, and follows the evidence."""

import json

from playwright.sync_api import expect

from tests.browser.conftest import ARABIC, HOSTILE, HOSTILE_QUESTION, SCRIPT, Visit, ask, expect_marked


def test_the_evidence_of_an_answer_is_shown_in_its_article_without_a_click(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    expect(page.locator(".answer")).to_have_text("The city opened a new bridge on Monday.1")
    expect(page.locator(".article h2")).to_have_text("Jembatan baru")
    expect_marked(page, "mark[data-numbers~='1']", "Kota membuka jembatan baru pada hari Senin.")
    expect(page.locator("textarea")).to_be_focused()


def test_every_marker_leads_to_exactly_the_words_of_its_citation(visit: Visit):
    page = visit()
    ask(page, "Tell me everything.")
    for number, (_, quote) in enumerate(SCRIPT["Tell me everything."], 1):
        page.locator(f'.marker[data-number="{number}"]').click()
        active = page.locator("mark.active")
        expect(active).to_have_text(quote)
        assert active.text_content() == quote
        expect(active).to_be_focused()
        expect(active).to_be_in_viewport()
        expect(page.locator(".context")).to_contain_text(f"Source {number}, for the question")
    assert page.locator(".article h2").text_content() == "جسر جديد"


def test_a_quote_that_stands_twice_is_marked_where_it_was_read(visit: Visit):
    page = visit()
    ask(page, "And what did it cost?")
    expect(page.locator("mark")).to_have_count(1)
    before = page.evaluate("document.querySelector('.cited').previousSibling.querySelector('.original').textContent")
    assert before == "Kota membuka jembatan baru pada hari Senin. "


def test_pointing_at_a_marker_shows_the_quote_and_who_translated_it(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    card = page.locator(".card")
    page.locator(".marker").hover()
    expect(card).to_contain_text("Kota membuka jembatan baru pada hari Senin.")
    expect(card).to_contain_text("The city opened a new bridge on Monday.")
    expect(card).to_contain_text("by a <b>person</b>")
    page.locator("textarea").hover()
    expect(card).to_be_hidden()
    page.locator(".marker").focus()
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_follow_up_keeps_the_evidence_of_the_turn_before(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    ask(page, "And what did it cost?")
    first, second = page.locator(".turn").all()
    expect_marked(page, "mark[data-numbers~='1']", "Jembatan itu menelan biaya 40 juta rupiah.")
    first.locator(".marker").click()
    expect(page.locator("mark.active")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    expect(page.locator(".context q")).to_have_text("When did the bridge open?")
    expect(first.locator("blockquote")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    expect(second.locator("blockquote")).to_have_text("Jembatan itu menelan biaya 40 juta rupiah.")


def test_a_follow_up_asked_at_once_waits_for_the_answer_that_it_may_lean_on(visit: Visit):
    page, told = visit(), list[list[list[str]]]()
    page.on("request", lambda r: told.append(r.post_data_json["data"][1]) if r.url.endswith("call/ask") else None)
    for question in ("When did the bridge open?", "And what did it cost?"):
        page.locator("textarea").fill(question)
        page.locator("textarea").press("Enter")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn.pending")).to_have_count(0)
    assert [[question for question, _ in history] for history in told] == [[], ["When did the bridge open?"]]


def test_a_declined_answer_offers_passages_that_are_not_evidence(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    ask(page, "How do I bake bread?")
    turn = page.locator(".turn").last
    expect(turn.locator(".answer")).to_have_text("The articles do not say.")
    expect(turn.locator(".marker")).to_have_count(0)
    expect(turn.locator(".label")).to_have_text("Closest passages, which do not answer the question")
    expect(page.locator("mark")).to_be_hidden()  # nor does the pane still show the turn before
    turn.get_by_role("button", name="Show in the article").click()
    expect(page.locator(".context")).to_contain_text("does not answer the question")
    expect(page.locator("mark.active")).to_have_count(0)
    expect(page.locator("mark.near").first).to_be_focused()


def test_the_last_marker_followed_is_the_one_shown_however_late_the_first_arrives(visit: Visit):
    page = visit()
    ask(page, "Tell me everything.")
    expect(page.locator(".marker[aria-current]")).to_have_text("1")
    late = []
    page.route("**/run/source", lambda route: route.continue_() if late else late.append(route))
    page.locator('.marker[data-number="2"]').click()
    page.locator('.marker[data-number="3"]').click()
    expect(page.locator("mark.active")).to_have_text(SCRIPT["Tell me everything."][2][1])
    with page.expect_response("**/run/source"):
        late[0].continue_()
    expect(page.locator(".marker[aria-current]")).to_have_text("3")
    expect(page.locator("mark.active")).to_have_text(SCRIPT["Tell me everything."][2][1])


def test_the_translation_is_shown_beside_the_original_on_demand(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    expect(page.locator(".article .translation").first).to_be_hidden()
    toggle = page.get_by_role("button", name="Translation: English")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".article .cited .translation")).to_have_text("The city opened a new bridge on Monday.")
    expect(page.locator(".article .original").first).to_be_visible()
    toggle.click()
    expect(page.locator(".article .translation").first).to_be_hidden()


def test_a_right_to_left_question_and_its_evidence_read_from_the_right(visit: Visit):
    page = visit()
    ask(page, "من يملك الجسر؟")
    answer = page.locator(".answer")
    assert answer.get_attribute("dir") == "rtl"
    assert answer.get_attribute("lang") == "ar"
    assert answer.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.locator(".original").first.get_attribute("dir") == "rtl"
    expect(page.locator(".paragraph").first).to_have_css("direction", "rtl")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.question bdi'))")
    right = "e => getSelection().getRangeAt(0).getBoundingClientRect().right - e.getBoundingClientRect().right"
    assert abs(page.locator(".question").evaluate(right)) < 2
    expect_marked(page, "mark[data-numbers~='1']", ARABIC.split(". ")[1])


def test_a_hostile_document_is_shown_as_the_text_it_is(visit: Visit):
    page = visit()
    ask(page, "What does the hostile one say?")
    turn = page.locator(".turn").last
    expect(turn.locator(".marker")).to_have_count(3)
    assert turn.locator("blockquote").all_text_contents() == HOSTILE.splitlines()
    expect(turn.locator(".answer").first).to_contain_text("says (1) and (2)")
    expect(page.locator(".article h2")).to_have_text("<i>Title</i> \u202eof it")
    for number in "123":
        page.locator(f'.turn .marker[data-number="{number}"]').click()
        expect(page.locator("mark.active")).to_have_text(HOSTILE.splitlines()[int(number) - 1])
    assert page.locator(".kutip").evaluate("e => e.querySelectorAll('img, script, b, i, h1').length") == 1  # our own h1


def test_a_quote_over_several_lines_is_marked_in_each_and_kept_whole(visit: Visit):
    page = visit()
    ask(page, "Across lines?")
    assert page.locator("blockquote").text_content() == HOSTILE
    expect(page.locator("mark.active")).to_have_text(HOSTILE.splitlines())


def test_a_hostile_question_is_shown_as_the_text_it_is(visit: Visit):
    page = visit()
    ask(page, HOSTILE_QUESTION)
    assert page.locator(".question bdi").text_content() == HOSTILE_QUESTION
    assert page.locator(".kutip img").count() == 0
    expect(page.locator(".marker")).to_have_count(1)


def test_questions_that_cannot_be_asked_are_refused_in_a_sentence(visit: Visit):
    page = visit()
    for question, reason in (("?!", "blank"), ("x" * 100_000, "100,000 characters"), ("a\0b\ud800", "U+0000")):
        page.evaluate("q => { document.querySelector('textarea').value = q }", question)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator(".turn.refused").last).to_contain_text(reason)
    page.reload()
    expect(page.locator(".turn")).to_have_count(0)


def test_asking_within_chosen_articles_leaves_the_others_out(visit: Visit):
    page = visit()
    page.get_by_role("checkbox", name="Ask in this article: جسر جديد").check()
    expect(page.locator("[data-part=scope]")).to_have_text("Asks only the articles chosen (1)")
    ask(page, "Tell me everything.")
    expect(page.locator(".evidence li")).to_have_count(1)
    expect(page.locator(".article h2")).to_have_text("جسر جديد")


def test_a_receipt_is_downloaded_as_the_contract_lays_it_out(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download receipt").click()
    receipt = json.loads(download.value.path().read_text("utf-8"))
    assert receipt["citations"][0]["quote"] == "Kota membuka jembatan baru pada hari Senin."
    assert receipt["question"] == "When did the bridge open?"


def test_a_citation_is_copied_with_its_place(visit: Visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    ask(page, "When did the bridge open?")
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“Kota membuka jembatan baru pada hari Senin.” (Jembatan baru, Koran, 2026-11-09; news [0, 43)")
