"""A real Chromium before a real server process on loopback."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from rag.config import PROJECT

Visit = Callable[..., Page]
expect.set_options(timeout=20_000)  # a machine may be busy with other things

NEWS = """Kota membuka jembatan baru pada hari Senin. Jembatan itu menelan biaya 40 juta rupiah.

Wali kota berkata, "Jembatan ini milik semua orang." Jembatan itu menelan biaya 40 juta rupiah."""
NEWS_ENGLISH = [
    ("Kota membuka jembatan baru pada hari Senin.", "The city opened a new bridge on Monday."),
    ("Jembatan itu menelan biaya 40 juta rupiah.", "The bridge cost 40 million rupiah."),
    ('Wali kota berkata, "Jembatan ini milik semua orang."', 'The mayor said, "This bridge is everyone\'s."'),
]
ARABIC = "افتتحت المدينة جسرا جديدا يوم الاثنين. وقال العمدة إن الجسر ملك للجميع."
HOSTILE = (
    "<img src=x onerror=\"document.body.dataset.hacked='yes'\"> [click](javascript:alert(1)) says [1] and [2].\r\n"
    "<script>document.body.dataset.hacked='yes'</script> Ends \u202eright to left\u202c here; & &lt;b&gt; stays.\n"
    "</mark></article><h1>Not a heading</h1> [kutip](https://example.com) **bold** <b>words</b> stay words."
)
HOSTILE_QUESTION = "<img src=x onerror=\"document.body.dataset.hacked='yes'\"> [1] \u202ewhat?"
SCRIPT = {
    "When did the bridge open?": [["news", "Kota membuka jembatan baru pada hari Senin."]],
    "Word it at length.": [["news", "Kota membuka jembatan baru pada hari Senin."]],
    "And what did it cost?": [["news", "Jembatan itu menelan biaya 40 juta rupiah."]],
    "Tell me everything.": [
        ["news", "Kota membuka jembatan baru pada hari Senin."],
        ["news", 'Wali kota berkata, "Jembatan ini milik semua orang."'],
        ["arabic", "وقال العمدة إن الجسر ملك للجميع."],
    ],
    "من يملك الجسر؟": [["arabic", "وقال العمدة إن الجسر ملك للجميع."]],
    "What does the hostile one say?": [["hostile", line] for line in HOSTILE.splitlines()],
    "Across lines?": [["hostile", HOSTILE]],
    HOSTILE_QUESTION: [["news", "Kota membuka jembatan baru pada hari Senin."]],
}


def write_corpus(folder: Path) -> None:
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "news.en.json").write_text(json.dumps([
        {"start": (start := NEWS.index(words)), "end": start + len(words), "text": english} for words, english in NEWS_ENGLISH
    ]))  # fmt: skip
    entries = []
    for name, title, language, text in (
        ("news", "Jembatan baru", "id", NEWS),
        ("arabic", "جسر جديد", "ar", ARABIC),
        ("hostile", "<i>Title</i> \u202eof it", "en", HOSTILE),
    ):
        (corpus / f"{name}.txt").write_bytes(text.encode())
        entry = {"id": name, "file": f"{name}.txt", "sha256": sha256(text.encode()).hexdigest(), "title": title}
        entries.append(entry | {"language": language, "publisher": "Koran", "date": "2026-11-09"})
    entries[0]["translations"] = [{"language": "en", "by": "a <b>person</b>", "file": "news.en.json"}]
    (corpus / "manifest.json").write_text(json.dumps(entries))
    (corpus / "examples.json").write_text(json.dumps([{"language": "en", "question": "When did the bridge open?"}]))
    (folder / "script.json").write_text(json.dumps(SCRIPT))
    (folder / "loading").touch()
    (folder / "bad-corpus").mkdir()
    (folder / "bad-corpus" / "manifest.json").write_text("[{}]")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., str]]:
    """Starts `python ARGUMENTS --port PORT` and gives its address as soon as the page is served."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(*arguments: str, **environment: str) -> str:
        port = free_port()
        command = [sys.executable, *arguments, "--port", str(port)]
        started.append(subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, stdout=subprocess.DEVNULL))
        deadline = time.monotonic() + 180  # a machine may be busy with other things
        while time.monotonic() < deadline and started[-1].poll() is None:
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
            else:
                return f"http://127.0.0.1:{port}/"
        raise AssertionError(f"{arguments} served no page")

    yield start_one
    for process in started:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corpus, script and home of the scripted page."""
    made = tmp_path_factory.mktemp("scripted")
    write_corpus(made)
    return made


@dataclass(frozen=True)
class Scripted:
    """Addresses of pages before a small library and an assistant that answers from a script."""

    ready: str
    loading: str
    failing: str


@pytest.fixture(scope="session")
def scripted(start: Callable[..., str], folder: Path) -> Scripted:
    loading, failing = free_port(), free_port()
    ready = start("-m", "tests.browser.serve", str(folder), "--loading", str(loading), "--failing", str(failing))
    return Scripted(ready, f"http://127.0.0.1:{loading}/", f"http://127.0.0.1:{failing}/")


@pytest.fixture(scope="package")  # while it lives, its event loop runs in the tests' thread
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def context_of(browser: Browser) -> Callable[..., BrowserContext]:
    """One profile for each set of options, so that the page's own scripts are loaded once."""

    @cache
    def make(options: str) -> BrowserContext:
        context = browser.new_context(**json.loads(options))
        context.set_default_timeout(20_000)
        return context

    return lambda **options: make(json.dumps({"locale": "en", "viewport": {"width": 1280, "height": 800}} | options))


@pytest.fixture
def visit(context_of: Callable[..., BrowserContext], scripted: Scripted) -> Iterator[Visit]:
    """Opens pages; afterwards, none of them asked another machine for anything, ran a script of a text, or failed."""
    pages: list[Page] = []
    complaints: list[str] = []

    def visit_one(address: str = scripted.ready, *, ready: bool = True, **options: object) -> Page:
        page = context_of(**options).new_page()
        pages.append(page)
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and "500" not in m.text else None)
        page.goto(address)
        expect(page.locator(".composer")).to_be_visible()
        if ready:
            expect(page.locator("[data-part=status]")).to_be_hidden(timeout=60_000)
        return page

    yield visit_one
    hacked = [page.evaluate("document.body.dataset.hacked") for page in pages]
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.close()
    assert complaints == []
    assert not any(hacked)


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for the turn to be finished."""
    count = page.locator(".turn").count()
    page.locator("textarea").fill(question)
    page.locator("textarea").press("Enter")
    expect(page.locator(".turn")).to_have_count(count + 1)
    expect(page.locator(".turn.pending")).to_have_count(0, timeout=60_000)


def expect_marked(page: Page, marks: str, words: str) -> None:
    """Wait until these marks in the pane, put together, are exactly these words; the pane follows a turn a moment later."""
    joined = "([marks, words]) => [...document.querySelectorAll(marks)].map((mark) => mark.textContent).join('') === words"
    page.wait_for_function(joined, arg=[marks, words])
