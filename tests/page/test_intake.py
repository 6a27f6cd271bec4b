import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from rag import Assistant
from rag.config import PROJECT, Limits
from rag.errors import DocumentError, StoreBusy
from rag.indexing import SLICE
from rag.page.intake import Intake, Job
from rag.page.templates import render
from rag.records import Document, Step


@pytest.fixture
def intake() -> Iterator[Intake]:
    made = Intake(Limits(max_file_mb=1))
    yield made
    made.close()


def keep(intake: Intake, name: str, raw: bytes) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(raw), 100_000):
            yield raw[start : start + 100_000]

    return asyncio.run(intake.keep(name, chunks()))


def finished(intake: Intake) -> Job:
    deadline = time.monotonic() + 120
    while intake.job.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not intake.job.running
    return intake.job


def test_uploads_are_read_stored_and_named_and_what_cannot_be_read_is_told(intake: Intake, open_quick: Callable[..., Assistant]):
    assistant = open_quick()
    page = (PROJECT / "tests" / "files" / "page.html").read_bytes()
    tokens = [
        keep(intake, name, raw) for name, raw in (("../../page.html", page), ("bad.txt", b"news\0news"), ("a.txt", b"Beras."))
    ]
    intake.begin(assistant, tokens)
    job = finished(intake)
    assert (job.done, job.total, job.stored, job.same, job.error) == (3, 3, 2, 0, "")
    assert [str(refusal) for refusal in job.refused] == ["bad.txt is binary, not text (it holds NUL)"]
    assert [(d.id, d.origin) for d in assistant.documents()] == [("page", "page.html"), ("a", "a.txt")]


def test_a_file_of_the_same_name_is_the_same_document(intake: Intake, open_quick: Callable[..., Assistant]):
    assistant = open_quick()
    for words, stored in ((b"Harga naik.", 1), (b"Harga naik.", 0), (b"Harga turun.", 1)):
        intake.begin(assistant, [keep(intake, "rice.txt", words)])
        job = finished(intake)
        assert (job.stored, job.same) == (stored, 1 - stored)
    assert [d.text for d in assistant.documents()] == ["Harga turun."]


def test_a_long_article_tells_how_far_its_embedding_is(intake: Intake, open_quick: Callable[..., Assistant]) -> None:
    seen: list[Job] = []
    assistant = open_quick()
    add = assistant.library.add

    def watched(documents: Iterable[Document], progress: Callable[[Step], None]) -> list[str]:
        def told(step: Step) -> None:
            progress(step)
            seen.append(intake.job)

        return add(documents, told)

    assistant.library.add = watched  # type: ignore[method-assign, assignment]
    words = " ".join(f"Kabar nomor {n} tentang harga beras di pasar." for n in range(600))
    intake.begin(assistant, [keep(intake, "long.txt", words.encode())])
    assert finished(intake).stored == 1
    embedding = [job for job in seen if job.stage == "embedding"]
    total = embedding[0].passages
    assert [job.embedded for job in embedding] == [*range(0, total, SLICE), total]
    html = render("intake.html", "en", job=embedding[1])
    assert f'max="{total}" value="{SLICE}"' in html
    assert f"{SLICE} of {total} passages" in html
    assert (intake.job.embedded, intake.job.passages) == (0, 0)


def test_what_is_stopped_stays_whole_and_what_was_stored_stays(
    intake: Intake, open_quick: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch
):
    assistant = open_quick()
    first_is_in, goes_on, add = Event(), Event(), assistant.library.add

    def waits(*given: object) -> object:
        done = add(*given)  # type: ignore[arg-type]
        first_is_in.set()
        assert goes_on.wait(60)
        return done

    monkeypatch.setattr(assistant.library, "add", waits)
    intake.begin(assistant, [keep(intake, f"{n}.txt", b"Harga naik.") for n in range(3)])
    assert first_is_in.wait(60)
    with pytest.raises(StoreBusy, match="other articles are being added"):
        intake.begin(assistant, [])
    intake.stop()
    goes_on.set()
    job = finished(intake)
    assert (job.stopped, job.stored) == (True, 1)
    assert [d.id for d in assistant.documents()] == ["0"]
    assert assistant.library.add([]) == []


def test_two_files_of_one_name_are_two_documents(intake: Intake, open_quick: Callable[..., Assistant]) -> None:
    assistant = open_quick()
    for stored in (3, 0):
        names = ("index.html", "index (2).html", "index.html")
        raw = [f"<p>Harga beras naik di pasar {n} hari ini, kata pedagang.</p>".encode() for n in range(3)]
        intake.begin(assistant, [keep(intake, name, one) for name, one in zip(names, raw, strict=True)])
        assert finished(intake).stored == stored
    assert {d.origin for d in assistant.documents()} == {"index.html", "index (2).html", "index (3).html"}


def test_what_is_refused_or_breaks_off_is_not_kept(
    intake: Intake, open_quick: Callable[..., Assistant], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"Harga"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(intake.keep("a.txt", breaks_off()))
    with pytest.raises(DocumentError, match="has not been uploaded"):
        intake.begin(open_quick(), [keep(intake, "a.txt", b"Harga naik."), "never"])
    intake.job = replace(intake.job, running=True)
    with pytest.raises(StoreBusy):
        intake.begin(open_quick(), [keep(intake, "a.txt", b"Harga naik.")])
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


def test_a_fault_of_our_own_is_told_and_not_taken_for_done(
    intake: Intake, open_quick: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = open_quick()
    faults: queue.Queue[threading.ExceptHookArgs] = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", faults.put)
    monkeypatch.setattr(assistant.library, "add", lambda *_: 1 / 0)
    intake.begin(assistant, [keep(intake, "a.txt", b"Harga naik.")])
    assert faults.get(timeout=60).exc_type is ZeroDivisionError
    assert "a fault of Kutip's own (ZeroDivisionError)" in finished(intake).error


def test_an_upload_that_is_too_large_and_one_that_never_was_are_refused(intake: Intake, open_quick: Callable[..., Assistant]):
    with pytest.raises(DocumentError, match=r"large\.txt has more than 1 MB"):
        keep(intake, "large.txt", b"x" * 1_000_001)
    with pytest.raises(DocumentError, match="has not been uploaded"):
        intake.begin(open_quick(), ["../../etc/passwd"])
    assert not intake.job.running


def test_an_address_is_not_fetched_unless_the_settings_allow_it(intake: Intake, open_quick: Callable[..., Assistant]):
    with pytest.raises(DocumentError, match="begins with http"):
        intake.begin(open_quick(), [], ["/etc/passwd"])
    intake.begin(open_quick(), [], ["https://news.example/1"])
    told = [str(refusal) for refusal in finished(intake).refused]
    assert "unless RAG_NETWORK=on allows it" in told[0]


def test_nothing_of_a_file_becomes_markup():
    bad = "<img src=x onerror=alert(1)>"
    for job in (Job(total=1, running=True, name=bad), Job(total=1, error=bad)):
        assert "<img" not in render("intake.html", "en", job=job)
