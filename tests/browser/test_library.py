"""Bringing, correcting and removing articles, in a real browser before a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag.config import PROJECT
from tests.browser.conftest import Visit

FILES = PROJECT / "tests" / "files"


@pytest.fixture(scope="session")
def own(start: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of its own, for these tests change its library."""
    return start("app.py", RAG_HOME=str(tmp_path_factory.mktemp("own")), RAG_EMBEDDER="hashing")


@pytest.fixture
def library(visit: Visit, own: str) -> Iterator[Page]:
    """The list of articles; whatever a test added is removed again."""
    page = visit(own)
    expect(page.locator("[data-part=article]")).to_be_visible()  # the only article is shown at once
    page.locator("[data-do=library]:visible").click()
    yield page
    page.goto(own)
    expect(page.locator("[data-part=status]")).to_be_hidden(timeout=60_000)
    expect(page.locator(".library li")).not_to_have_count(0)
    while page.locator(".library li").count() > 1:
        count = page.locator(".library li").count()
        page.locator(".library .title").last.click()
        remove(page)
        expect(page.locator(".library li")).to_have_count(count - 1)


def remove(page: Page) -> None:
    page.locator("[data-do=remove]").dblclick()  # which is no second thought
    expect(page.locator("[data-do=remove]")).to_have_text("Remove this article?")
    page.wait_for_timeout(700)
    page.locator("[data-do=remove]").click()


def add(page: Page, *files: Path) -> None:
    page.locator("[data-part=files]").set_input_files([str(file) for file in files])
    expect(page.locator(".job strong")).to_be_visible(timeout=120_000)


def test_several_files_are_added_at_once_and_what_cannot_be_read_is_named(library: Page) -> None:
    add(library, FILES / "page.html", FILES / "feedgen.rss", FILES / "locked.pdf")
    expect(library.locator(".job")).to_contain_text("Done. Articles stored: 3 · Not read: 1")
    expect(library.locator(".refusals")).to_contain_text("locked.pdf is locked with a password; save it without one")
    expect(library.locator(".library li")).to_have_count(4)
    expect(library.locator("[data-part=live]")).to_contain_text("Articles stored: 3")
    library.locator(".job [data-do=dismiss]").click()
    expect(library.locator(".job")).to_have_count(0)


def test_files_can_be_dropped_and_a_folder_is_told_to_be_packed(library: Page) -> None:
    give = """([type, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["Harga beras naik."], name, { type: "text/plain" }));
        const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
        document.querySelector("[data-part=drop]").dispatchEvent(event);
    }"""
    library.evaluate(give, ["dragover", "beras.txt"])
    expect(library.locator("[data-part=drop]")).to_have_class("intake dropping")
    library.evaluate(give, ["drop", "beras.txt"])
    expect(library.locator(".job strong")).to_be_visible(timeout=60_000)
    expect(library.locator(".library .title").last).to_have_text("Harga beras naik.")


def test_what_is_known_about_an_article_is_corrected_in_its_place(library: Page) -> None:
    add(library, FILES / "page.html")
    library.locator(".library .title").last.click()
    library.locator("[data-do=details]").first.click()
    library.locator(".details [name=date]").fill("12 March")
    library.locator(".details [type=submit]").click()
    expect(library.locator(".details .wrong")).to_have_text("Write the date as a year, 2025-03 or 2025-03-12.")
    library.locator(".details [name=date]").fill("2025-03-13")
    library.locator(".details [name=title]").fill("Banjir <b>besar</b>")
    library.locator(".details [type=submit]").click()
    expect(library.locator(".article h2")).to_have_text("Banjir <b>besar</b>")
    expect(library.locator(".article time")).to_have_text("March 13, 2025")
    library.locator("[data-do=reindex]").click()
    expect(library.locator("[data-do=reindex]")).to_have_text("Indexed again")


def test_removing_asks_once_more_and_an_article_chosen_is_no_longer_asked(library: Page) -> None:
    add(library, FILES / "banjir.md")
    library.locator(".library input").last.check()
    expect(library.locator("[data-part=scope]")).to_have_text("Asks only the articles chosen (1)")
    library.locator(".library .title").last.click()
    remove(library)
    expect(library.locator(".library li")).to_have_count(1)
    expect(library.locator("[data-part=scope]")).to_have_text("Asks all articles")


def test_adding_goes_on_over_a_reload(library: Page, own: str, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text(f"Berita nomor {number}.")
    library.locator("[data-part=files]").set_input_files(sorted(tmp_path.iterdir()))
    expect(library.locator(".job").get_by_text("files read")).to_be_visible()
    library.reload()
    expect(library.locator(".job strong")).to_be_attached(timeout=120_000)
    expect(library.locator(".library li")).to_have_count(41)
