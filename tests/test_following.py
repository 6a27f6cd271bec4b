import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from rag import Assistant, DocumentError
from rag.following import Outcome, follow


@pytest.fixture
def followed(tmp_path: Path, open_quick: Callable[..., Assistant]) -> Callable[..., list[Outcome]]:
    """Makes a change in a folder that is followed, and gives what came of it."""
    assistant = open_quick()
    folder = tmp_path / "news"
    folder.mkdir()

    def run(change: Callable[[Path], object], until: Callable[[Assistant], bool]) -> list[Outcome]:
        stop, outcomes = Event(), list[Outcome]()
        thread = Thread(target=lambda: outcomes.extend(follow(assistant, [folder], stop)))
        thread.start()
        time.sleep(1)  # until the folder is watched
        change(folder)
        deadline = time.monotonic() + 60
        while not until(assistant) and time.monotonic() < deadline:
            time.sleep(0.1)
        stop.set()
        thread.join()
        assert until(assistant)
        return outcomes

    return run


def texts(assistant: Assistant) -> set[str]:
    return {document.text for document in assistant.documents()}


def test_what_appears_changes_and_goes_is_followed(followed: Callable[..., list[Outcome]]) -> None:
    def appear(folder: Path) -> None:
        (folder / "rice.txt").write_text("Harga beras naik.")
        (folder / ".rice.txt.swp").write_text("half")
        (folder / "picture.png").write_bytes(b"x")

    followed(appear, lambda a: texts(a) == {"Harga beras naik."})
    followed(lambda f: (f / "rice.txt").write_text("Harga beras turun."), lambda a: texts(a) == {"Harga beras turun."})
    followed(lambda f: (f / "rice.txt").unlink(), lambda a: texts(a) == set())


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(followed: Callable[..., list[Outcome]]) -> None:
    def change(folder: Path) -> None:
        (folder / "bad.txt").write_bytes(b"news\0news")
        (folder / "good.txt").write_text("Harga beras naik.")

    outcomes = followed(change, lambda a: texts(a) == {"Harga beras naik."})
    assert [document for changed, _ in outcomes for document in changed] == ["good"]
    assert any("bad.txt is binary" in str(refusal) for _, refused in outcomes for refusal in refused)


def test_a_folder_that_is_moved_there_is_read_and_what_is_hidden_or_a_link_is_not(
    followed: Callable[..., list[Outcome]], tmp_path: Path
) -> None:
    beside = tmp_path / "beside"
    (beside / "inner").mkdir(parents=True)
    (beside / "inner" / "rice.txt").write_text("Harga beras naik.")
    (beside / "oil.txt").write_text("Harga minyak turun.")
    followed(lambda folder: beside.rename(folder / "moved"), lambda a: texts(a) == {"Harga beras naik.", "Harga minyak turun."})

    def hide(folder: Path) -> None:
        (folder / ".Trash").mkdir()
        (folder / "moved" / "oil.txt").rename(folder / ".Trash" / "oil.txt")
        (folder / "link.txt").symlink_to(folder / ".Trash" / "oil.txt")
        (folder / "~$rice.txt").write_text("half")
        (folder / "last.txt").write_text("Hujan turun.")

    followed(hide, lambda a: texts(a) == {"Harga beras naik.", "Hujan turun."})


def test_nothing_is_missed_from_the_first_outcome_on(tmp_path: Path, open_quick: Callable[..., Assistant]) -> None:
    stop = Event()
    outcomes = follow(open_quick(), [tmp_path], stop)
    assert next(outcomes) == ([], [])
    (tmp_path / "rice.txt").write_text("Harga beras naik.")
    assert next(outcomes)[0] == ["rice"]
    stop.set()
    assert list(outcomes) == []


def test_what_is_not_there_cannot_be_followed(tmp_path: Path, open_quick: Callable[..., Assistant]) -> None:
    with pytest.raises(DocumentError, match="nowhere cannot be followed: it is not there"):
        next(follow(open_quick(), [tmp_path / "nowhere"]))
