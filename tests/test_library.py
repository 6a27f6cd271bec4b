import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from socket import gethostname

import pytest

from rag import Assistant
from rag.config import PROJECT
from rag.embedding import EmbedderIdentity, HashingEmbedder, Matrix
from rag.errors import StoreBusy, StoreError, StoreMismatch, UnknownDocument
from rag.library import Library
from rag.manifest import CANARIES
from rag.passages import passages
from rag.records import Document, Step

RICE = Document("rice", "Harga beras naik. Petani senang.", "Beras", "id")
BALL = Document("ball", "Tim menang dua gol. Pelatih puas.", "Bola", "id")


class CountingEmbedder(HashingEmbedder):
    """Counts the passages it is given."""

    count = 0

    def passages(self, texts: Sequence[str]) -> Matrix:
        self.count += len(texts) if texts != CANARIES else 0
        return super().passages(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def open_library(tmp_path: Path, embedder: CountingEmbedder) -> Callable[..., Library]:
    def open_one(by: HashingEmbedder = embedder) -> Library:
        return Library(tmp_path / "home", str(tmp_path / "home" / "chroma"), by)

    return open_one


def found(library: Library, question: str = "beras") -> list[tuple[str, str]]:
    hits = library.hits(library.nearest(HashingEmbedder().queries([question])[0], 9))
    return [(hit.passage.document, hit.passage.text) for hit in hits]


def test_adding_twice_changes_nothing_and_embeds_nothing(open_library: Callable[..., Library], embedder: CountingEmbedder) -> None:
    library = open_library()
    assert library.add([RICE, BALL]) == ["rice", "ball"]
    before, embedded = found(library), embedder.count
    assert library.add([RICE, BALL]) == []
    assert (found(library), embedder.count) == (before, embedded)


def test_only_the_document_that_changed_is_embedded_again(open_library: Callable[..., Library], embedder: CountingEmbedder) -> None:
    library = open_library()
    library.add([RICE, BALL])
    changed = replace(RICE, text="Harga beras turun.")
    embedder.count = 0
    assert library.add([changed, BALL]) == ["rice"]
    assert embedder.count == 1
    assert ("rice", "Harga beras turun.") in found(library)
    assert not any("naik" in text for _, text in found(library))


def test_a_removed_document_is_not_found(open_library: Callable[..., Library]) -> None:
    library = open_library()
    library.add([RICE, BALL])
    assert library.count() == 2
    library.remove("rice")
    assert library.count() == 1
    assert [name for name, _ in found(library)] == ["ball"]
    with pytest.raises(UnknownDocument):
        library.remove("rice")


def test_removing_asks_no_embedder(open_library: Callable[..., Library]) -> None:
    open_library().add([RICE])

    class Unloadable(HashingEmbedder):
        @property
        def identity(self) -> EmbedderIdentity:
            raise AssertionError

    library = open_library(Unloadable())
    library.remove("rice")
    assert library.count() == 0


def test_indexing_that_is_cut_short_is_finished_by_the_next_writer(
    open_library: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexing.EVERY", 0.0)
    library = open_library()

    def cut_short(step: Step) -> None:
        if step.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add([RICE, BALL], cut_short)
    assert [name for name, _ in found(library)] == ["rice"]
    library.close()
    again = open_library()
    assert again.add([]) == ["ball"]
    assert sorted(name for name, _ in found(again)) == ["ball", "rice"]


def test_many_documents_at_once_are_built_beside_and_each_is_embedded_once(
    open_library: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.library.TAIL", 5)
    monkeypatch.setattr("rag.indexing.TOGETHER", 2)
    library = open_library()
    library.add([RICE])
    before, embedded = library.collection, list[str]()
    passages = HashingEmbedder.passages

    def counted(self: HashingEmbedder, texts: Sequence[str]) -> Matrix:
        embedded.extend(text for text in texts if text.startswith("Kabar"))
        return passages(self, texts)

    monkeypatch.setattr(HashingEmbedder, "passages", counted)
    many = [Document(f"d{n}", f"Berita {n} tentang pasar.", "Kabar", "id") for n in range(20)]
    assert library.add(many) == [document.id for document in many]
    assert library.collection != before
    assert library.ledger.tail == 0
    assert library.searched() == [RICE, *many]
    assert library.damage() == []
    assert len(embedded) == len(many)


def test_another_embedder_is_refused_until_the_index_is_rebuilt(open_library: Callable[..., Library]) -> None:
    open_library().add([RICE, BALL])
    other = open_library(HashingEmbedder(dimension=64))
    for attempt in (other.check, lambda: other.add([BALL])):
        with pytest.raises(StoreMismatch, match="index --rebuild"):
            attempt()
    assert other.rebuild() == ["rice", "ball"]
    other.check()
    nearest = other.nearest(HashingEmbedder(dimension=64).queries(["dua gol"])[0], 9)
    assert nearest[0].document == "ball"


def test_a_reader_sees_what_another_opened_library_wrote(open_library: Callable[..., Library]) -> None:
    writer, reader = open_library(), open_library()
    writer.add([RICE])
    assert [name for name, _ in found(reader)] == ["rice"]
    writer.add([BALL])
    assert sorted(name for name, _ in found(reader)) == ["ball", "rice"]
    writer.rebuild()
    assert sorted(name for name, _ in found(reader)) == ["ball", "rice"]


def test_a_rebuilt_index_is_not_written_in_place_while_the_same_process_has_asked(
    open_library: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.BUILDING", 5)
    monkeypatch.setattr("rag.index._CONFIGURATION", {"space": "cosine", "batch_size": 2})
    library = open_library()
    library.add([replace(RICE, id=f"rice {number}") for number in range(6)])
    assert found(library)
    library.rebuild()
    before = {file: file.read_bytes() for file in library.home.rglob("*.bin")}
    library.add([replace(RICE, id=f"more rice {number}") for number in range(12)])
    assert before
    assert {file: file.read_bytes() for file in library.home.rglob("*.bin") if file in before} == before
    assert len(found(library)) == 9


def test_a_reader_finds_what_is_there_while_another_process_writes(open_library: Callable[..., Library], tmp_path: Path) -> None:
    library = open_library()
    library.add([RICE, BALL])
    (tmp_path / "same").symlink_to(tmp_path / "home")  # by another path, Chroma's state is another, as in another process
    reader = Library(tmp_path / "same", str(tmp_path / "same" / "chroma"), HashingEmbedder())
    vector = HashingEmbedder().queries(["beras"])[0]
    assert [place.document for place in reader.nearest(vector, 9)] == ["rice", "ball"]
    index = library._index(library.collection)
    more = replace(RICE, id="more rice")
    index.add([(more, passages(more), HashingEmbedder().passages([more.text]))])
    assert {place.document for place in reader.nearest(vector, 9, language="id")} == {"rice", "ball", "more rice"}
    index.remove("more rice")
    assert [place.document for place in reader.nearest(vector, 9)] == ["rice", "ball"]


def test_a_second_process_that_writes_is_told_who_holds_the_store(tmp_path: Path, open_quick: Callable[..., Assistant]) -> None:
    held = open_quick()
    code = (
        "import sys; from pathlib import Path; from rag.database import Database; "
        f"database = Database({str(tmp_path / 'home' / 'ledger.sqlite')!r})\n"
        "with database.writer(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match=rf"process {other.pid} on {gethostname()} since 20"):
            held.library.add([RICE])
        assert held.documents() == []
        other.communicate()
    held.library.add([RICE])
    assert held.documents() == [RICE]


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(StoreError, match=r"/proc/kutip cannot be made: .*Set RAG_HOME"):
        Library(Path("/proc/kutip"), "/proc/kutip/chroma", HashingEmbedder())
