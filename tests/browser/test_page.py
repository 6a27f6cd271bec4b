"""The page as a place: what it keeps, how it is reached and operated, and how it looks."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rag.ledger import Ledger
from tests.browser.conftest import Scripted, Visit, ask

KEPT = "'kutip.conversation'"
PHONE = {"width": 360, "height": 740}


def violations(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical, each with where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {n['html']}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]]


def test_a_reload_keeps_the_conversation_and_its_evidence(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    ask(page, "من يملك الجسر؟")
    ask(page, "How do I bake bread?")
    before = page.locator(".turns").inner_text()
    page.reload()
    expect(page.locator(".turn")).to_have_count(3)
    assert page.locator(".turns").inner_text() == before
    page.locator(".turn").first.locator(".marker").click()
    expect(page.locator("mark.active")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    page.get_by_role("button", name="New conversation").click()
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)


def test_each_tab_keeps_its_own_conversation_and_a_new_one_goes_on_with_the_last(visit: Visit):
    first = visit()
    ask(first, "When did the bridge open?")
    second = visit()
    expect(second.locator(".turn")).to_have_count(1)
    ask(second, "How do I bake bread?")
    ask(first, "And what did it cost?")
    for page, last in ((first, "And what did it cost?"), (second, "How do I bake bread?")):
        page.reload()
        expect(page.locator(".turn")).to_have_count(2)
        expect(page.locator(".question").last).to_contain_text(last)


def test_a_switch_of_language_keeps_the_conversation_once_and_what_is_half_typed(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    page.locator("textarea").fill("And what did")
    for language in ("Bahasa Indonesia", "English", "Bahasa Indonesia"):  # faster than the turns are drawn anew
        page.get_by_role("button", name=language).click()
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator("textarea")).to_have_value("And what did")
    expect(page.get_by_role("button", name="Bahasa Indonesia")).to_be_focused()
    page.wait_for_timeout(500)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_switch_of_language_while_a_model_writes_keeps_the_question_once(visit: Visit):
    page = visit()
    page.locator("textarea").fill("Word it at length.")
    page.locator("textarea").press("Enter")
    expect(page.locator(".turn.pending .evidence")).to_be_visible()
    page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.locator(".turn.pending .evidence")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_a_kept_answer_that_no_longer_checks_out_is_refused_and_says_why(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    ask(page, "And what did it cost?")
    page.evaluate(
        "sessionStorage['kutip.conversation'] = sessionStorage['kutip.conversation'].replace('Kota membuka', 'Kota menutup')"
    )
    page.reload()
    refused = page.locator(".turn.refused")
    expect(refused).to_contain_text("no longer checks out")
    expect(refused).to_contain_text("the quote is not what stands at [0, 43)")
    expect(refused).not_to_contain_text("Kota menutup")
    expect(page.locator(".turn .marker")).to_have_count(1)
    page.evaluate("sessionStorage['kutip.conversation'] = '[{\"question\": 7}, 3, null]'")
    page.reload()
    expect(page.locator(".turn.refused")).to_have_count(3)


def test_an_answer_that_was_tampered_with_leads_nowhere_and_says_why(visit: Visit):
    page = visit()
    ask(page, "When did the bridge open?")
    forge = "turn => { turn.dataset.receipt = turn.dataset.receipt.replace('membuka', 'menutup') }"
    page.locator(".turn").evaluate(forge)
    page.locator(".marker").click()
    expect(page.locator("[data-part=status]")).to_contain_text("the quote is not what stands at [0, 43)")
    expect(page.locator(".article")).not_to_contain_text("menutup")


def test_what_cannot_be_read_back_at_all_does_not_keep_the_page_from_working(visit: Visit):
    page = visit()
    page.evaluate("sessionStorage['kutip.conversation'] = '{nonsense'")
    page.reload()
    ask(page, "When did the bridge open?")
    expect(page.locator(".marker")).to_have_count(1)


def test_a_question_asked_while_the_models_load_waits_survives_a_switch_of_language_and_is_answered(
    visit: Visit, scripted: Scripted, folder: Path
):
    page = visit(scripted.loading, ready=False)
    expect(page.locator("[data-part=status]")).to_contain_text("Warming up")
    page.get_by_role("button", name="When did the bridge open?").click()
    expect(page.locator(".turn.pending .stage")).to_contain_text("Waiting for the models")
    page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.locator(".turn.pending .stage")).to_contain_text("Menunggu model")
    (folder / "loading").unlink()
    expect(page.locator(".answer")).to_contain_text("The city opened a new bridge on Monday.")
    expect(page.locator("[data-part=status]")).to_be_hidden()


def test_an_assistant_that_cannot_open_says_why(visit: Visit, scripted: Scripted):
    page = visit(scripted.failing, ready=False)
    expect(page.locator("[data-part=status]")).to_contain_text("manifest.json: 0.id: Field required")
    ask(page, "When did the bridge open?")
    expect(page.locator(".turn.refused")).to_contain_text("manifest.json: 0.id: Field required")


def test_everything_can_be_done_from_the_keyboard(visit: Visit):
    page = visit()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("When did the bridge open?")
    page.keyboard.press("Enter")
    expect(page.locator(".marker")).to_be_visible()
    expect(page.locator("[data-part=live]")).to_have_text("Answer: The city opened a new bridge on Monday. [1]")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.marker')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("mark.active")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".marker")).to_be_focused()


def test_a_question_of_several_lines_is_typed_with_shift_and_enter(visit: Visit):
    page = visit()
    page.locator("textarea").press_sequentially("When did")
    page.locator("textarea").press("Shift+Enter")
    page.locator("textarea").press_sequentially("the bridge open?")
    page.locator("textarea").press("Enter")
    expect(page.locator(".marker")).to_be_visible()


def test_on_a_phone_the_articles_are_reached_from_the_evaluation_too(visit: Visit):
    page = visit(viewport=PHONE, has_touch=True)
    page.get_by_role("button", name="Evaluation").click()
    page.locator("[data-do=library]:visible").click()
    expect(page.locator("[data-part=library]")).to_be_visible()
    page.locator("[data-part=library] [data-do=return]").click()
    expect(page.locator("textarea")).to_be_visible()


def test_a_phone_shows_everything_without_scrolling_sideways(visit: Visit):
    page = visit(viewport=PHONE, has_touch=True)
    ask(page, "Tell me everything.")
    ask(page, "What does the hostile one say?")
    wide = "[...document.querySelectorAll('.scroll, .source, .kutip')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(f"{wide}.map(e => e.className)") == []
    page.locator(".turn").first.locator(".marker").first.tap()
    expect(page.locator("mark.active")).to_be_in_viewport()
    page.get_by_role("button", name="Back").tap()
    expect(page.locator(".source")).to_be_hidden()
    expect(page.locator(".turn").first.locator(".marker").first).to_be_focused()
    page.get_by_role("button", name="Articles", exact=True).tap()
    expect(page.get_by_role("checkbox", name="Ask in this article: Jembatan baru")).to_be_visible()
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("textarea")).to_be_visible()


def test_the_page_stays_in_its_window_however_long_the_conversation(visit: Visit):
    page = visit()
    for _ in range(4):
        ask(page, "Tell me everything.")
    page.evaluate("document.querySelector('.kutip').scrollTop = 50")
    assert page.evaluate("document.querySelector('.kutip').scrollTop") == 0


def test_dark_and_light_follow_what_the_reader_prefers(visit: Visit):
    lightness = "getComputedStyle(document.querySelector('.kutip')).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert visit(color_scheme="light").evaluate(lightness) > 200
    assert visit(color_scheme="dark").evaluate(lightness) < 60


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}, {"locale": "id"}], ids=str)
def test_an_accessibility_checker_finds_nothing_serious(visit: Visit, options: dict[str, object]):
    page = visit(**options)
    assert violations(page) == []
    ask(page, "Tell me everything.")
    ask(page, "How do I bake bread?")
    ask(page, "?!")
    assert violations(page) == []
    page.locator(".marker").first.click()
    expect(page.locator("mark.active")).to_be_visible()
    page.locator("[data-do=translate]").click()
    assert violations(page) == []


def test_a_language_model_that_goes_on_is_left_for_the_quotes(visit: Visit):
    page = visit()
    page.locator("textarea").fill("Word it at length.")
    page.locator("textarea").press("Enter")
    expect(page.get_by_text("Words go on and on.").first).to_be_visible()
    expect(page.locator(".turn.pending blockquote")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    expect(page.locator("mark.active")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    page.get_by_role("button", name="Leave it at the quotes").click()
    expect(page.locator(".turn.pending")).to_have_count(0)
    expect(page.locator(".turn blockquote")).to_have_text("Kota membuka jembatan baru pada hari Senin.")
    expect(page.get_by_text("Words go on and on.")).to_have_count(0)
    ask(page, "And what did it cost?")
    expect(page.locator(".turn")).to_have_count(2)


def test_the_page_speaks_the_language_of_the_browser_and_can_be_switched(visit: Visit):
    page = visit(locale="id-ID")
    expect(page.locator(".welcome h2")).to_have_text("Tanyakan apa yang dikatakan artikel.")
    assert page.evaluate("document.documentElement.lang") == "id"
    ask(page, "When did the bridge open?")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Copy citation")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_a_verdict_is_kept_with_its_receipt(visit: Visit, folder: Path):
    page = visit()
    ask(page, "When did the bridge open?")
    page.get_by_role("button", name="This did not help").click()
    page.get_by_label("What was good or wrong?").fill("Which <b>Monday</b>?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".comment")).to_have_text("Thank you. It is kept on this computer only.")
    ledger = Ledger(folder / "homes" / "ready" / "ledger.sqlite")
    first, second = map(json.loads, ledger.feedback())
    ledger.close()
    assert (first["helpful"], first["comment"]) == (False, "")
    assert (second["helpful"], second["comment"]) == (False, "Which <b>Monday</b>?")
    assert second["receipt"]["citations"][0]["document"] == "news"


@pytest.mark.parametrize(("form", "beginning"), [("Markdown", "## "), ("HTML", "<!doctype html>"), ("JSON", "[\n")])
def test_a_conversation_is_saved_in_the_form_chosen(visit: Visit, form: str, beginning: str):
    page = visit()
    ask(page, "Tell me everything.")
    ask(page, "How do I bake bread?")
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {form}").click()
    saved = download.value.path().read_text("utf-8")
    assert saved.startswith(beginning)
    assert "How do I bake bread?" in saved


def test_the_last_evaluation_is_shown_in_a_sandbox(visit: Visit, folder: Path):
    page = visit()
    with page.expect_response("**/run/report"):
        page.get_by_role("button", name="Evaluation").click()
    expect(page.locator(".evaluation")).to_contain_text("make eval")
    report = folder / "homes" / "ready" / "eval" / "report.html"
    report.parent.mkdir()
    report.write_text("<h1>Report</h1>")
    page.get_by_role("button", name="Evaluation").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Report")
    assert page.locator("iframe").get_attribute("sandbox") == ""
    page.get_by_role("button", name="Chat").click()
    expect(page.locator("textarea")).to_be_visible()


def test_a_page_that_lost_its_server_says_so(visit: Visit):
    page = visit()
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()) }")
    page.locator("textarea").fill("When did the bridge open?")
    page.locator("textarea").press("Enter")
    expect(page.locator(".turn.refused .stage")).to_contain_text("The page has lost its server.")
