from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, ask, expect_marked
from tests.conftest import EVIDENCE


@pytest.fixture(scope="session")
def real(start: Callable[..., str], model_home: Path) -> str:
    """The page as a person starts it: `python app.py`, the packaged model, the real article."""
    return start("app.py", RAG_HOME=str(model_home))


def test_the_question_of_the_mission_is_answered_with_its_words_in_a_real_browser(visit: Visit, real: str) -> None:
    page = visit(real)
    ask(page, "Will US troops defend Ukraine?")
    expect(page.locator(".answer")).to_contain_text("US troops will not be deployed")
    quote = page.locator(".evidence blockquote").first.text_content() or ""
    assert quote.endswith(EVIDENCE)
    page.locator(".marker").first.click()
    expect_marked(page, "mark.active", quote)  # the words that answer are a mark of their own
    expect(page.locator("mark.active").first).to_be_in_viewport()
