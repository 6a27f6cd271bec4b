"""The README's pictures, taken of the product as it is: `make pictures`, or `python docs/pictures.py NAME...`."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

HERE = Path(__file__).parent
PATIENCE = 300_000
"""Milliseconds; the first start makes the embedder and the index."""


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    page.locator("textarea").fill(question)
    page.locator("textarea").press("Enter")
    expect(page.locator(".turn .actions").last).to_be_visible()
    expect(page.locator(".turn.pending")).to_have_count(0)


def answered(page: Page) -> None:
    """An answer, its words marked in the article, and the card over its marker."""
    ask(page, "Will US troops defend Ukraine?")
    expect(page.locator("mark.active").first).to_be_visible()
    page.locator(".marker").first.hover()


def translated(page: Page) -> None:
    """An answer in the article's own language, and the translation beside the article."""
    ask(page, "Apakah pasukan AS akan membela Ukraina?")
    page.locator("[data-do=translate]").click()


def declined(page: Page) -> None:
    """A question that the article does not answer."""
    ask(page, "How do I bake bread?")


def right_to_left(page: Page) -> None:
    """A question in Arabic."""
    ask(page, "هل ستدافع القوات الأمريكية عن أوكرانيا؟")


def on_a_phone(page: Page) -> None:
    """An answer on a narrow screen."""
    ask(page, "Will US troops defend Ukraine?")


PICTURES: dict[str, tuple[Callable[[Page], None], dict[str, object]]] = {
    "chat": (answered, {}),
    "chat-dark": (translated, {"color_scheme": "dark"}),
    "chat-declined": (declined, {}),
    "chat-rtl": (right_to_left, {}),
    "chat-phone": (on_a_phone, {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}),
}


@contextmanager
def served() -> Iterator[str]:
    """`python app.py` on a free port, with a library of nothing but the corpus."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port)]
    with (
        TemporaryDirectory() as home,
        subprocess.Popen(command, cwd=HERE.parent, env=os.environ | {"RAG_HOME": home}) as process,  # noqa: S603
    ):
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def take(browser: Browser, address: str, name: str) -> None:
    """One picture, in as few colours as show no loss."""
    prepare, options = PICTURES[name]
    page = browser.new_page(**{"locale": "en", "viewport": {"width": 1280, "height": 800}} | options)
    page.set_default_timeout(PATIENCE)
    while True:
        try:
            page.goto(address)
            break
        except Error:  # not served yet
            page.wait_for_timeout(500)
    expect(page.locator(".composer")).to_be_visible()
    expect(page.locator("[data-part=status]")).to_be_hidden()
    prepare(page)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
    page.close()


def main() -> None:
    """Take the pictures named, or all."""
    expect.set_options(timeout=PATIENCE)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for name in sys.argv[1:] or PICTURES:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
