from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.embedding import HashingEmbedder, Matrix
from rag.index import Place
from rag.library import Library
from rag.records import Document
from rag.retrieval import WEIGHT, Candidate, Retriever, fuse

RICE = Document("rice", "Harga beras naik. Petani senang.", "Beras", "id")
BALL = Document("ball", "Tim menang dua gol. Pelatih puas.", "Bola", "id")


def candidate(name: str, cosine: float, share: float = 0.0, language: str = "id") -> Candidate:
    return Candidate(Place(name, "", 0, 1, (), cosine), share, language)


def names(candidates: list[Candidate]) -> list[str]:
    return [c.place.document for c in candidates]


def test_words_add_to_the_cosine_and_a_miss_takes_nothing_off() -> None:
    assert candidate("a", 0.8, 0.5).score == pytest.approx(0.8 + WEIGHT * 0.5)
    assert candidate("a", 0.8).score == 0.8
    assert names(fuse([candidate("meant", 0.9), candidate("spelt", 0.9 - WEIGHT / 4, 0.5)], 2)) == ["spelt", "meant"]


def test_a_small_share_of_words_does_not_push_out_what_is_closer_in_meaning() -> None:
    found = [candidate("meant", 0.9), *(candidate(f"name {i}", 0.9 - 0.3 * WEIGHT, 0.2) for i in range(5))]
    assert names(fuse(found, 1)) == ["meant"]


def test_half_the_places_are_shared_among_the_languages() -> None:
    found = [candidate(f"en {i}", 0.9, language="en") for i in range(9)]
    found += [candidate("id best", 0.5), candidate("id next", 0.4), candidate("ru", 0.3, language="ru")]
    assert names(fuse(found, 4)) == ["en 0", "en 1", "id best", "ru"]


def test_in_one_language_the_best_are_taken_in_order() -> None:
    found = [candidate("c", 0.1), candidate("a", 0.3), candidate("b", 0.2)]
    assert names(fuse(found, 2)) == ["a", "b"]
    assert names(fuse(found, 9)) == ["a", "b", "c"]
    assert fuse([], 3) == []


class MuteEmbedder(HashingEmbedder):
    """Finds every text alike, so that only words can tell them apart."""

    def passages(self, texts: list[str]) -> Matrix:
        return super().passages([""] * len(texts))

    queries = passages


@pytest.fixture
def open_retriever(tmp_path: Path) -> Callable[..., tuple[Library, Retriever]]:
    def open_one(embedder: HashingEmbedder) -> tuple[Library, Retriever]:
        library = Library(tmp_path / "home", str(tmp_path / "home" / "chroma"), embedder)
        return library, Retriever(library)

    return open_one


def search(retriever: Retriever, question: str, k: int = 10, documents: list[str] | None = None) -> list[str]:
    vector = HashingEmbedder().queries([question])[0]
    return [hit.passage.document for hit in retriever.search(question, vector, k, documents)]


def test_what_vectors_cannot_tell_apart_is_found_by_its_words(open_retriever: Callable[..., tuple[Library, Retriever]]) -> None:
    library, retriever = open_retriever(MuteEmbedder())
    library.add([BALL, *(replace(BALL, id=f"ball {i}") for i in range(5)), RICE])
    assert search(retriever, "beras", k=1) == ["rice"]
    assert search(retriever, "beras", k=1, documents=["ball"]) == ["ball"]


def test_words_keep_up_with_the_library(open_retriever: Callable[..., tuple[Library, Retriever]]) -> None:
    library, retriever = open_retriever(MuteEmbedder())
    assert search(retriever, "beras") == []
    library.add([BALL, RICE])
    assert search(retriever, "beras", k=1) == ["rice"]
    library.add([replace(RICE, text="Gula turun.", title="Gula"), replace(BALL, text="Tim menang. Beras untuk pelatih.")])
    assert search(retriever, "beras", k=1) == ["ball"]
    library.remove("ball")
    assert search(retriever, "beras") == ["rice"]  # what its vector finds is all that is left


def test_a_document_in_another_language_is_not_buried(open_retriever: Callable[..., tuple[Library, Retriever]]) -> None:
    library, retriever = open_retriever(HashingEmbedder())
    english = [replace(RICE, id=f"rice {i}", text="Why did the price of rice rise?", language="en") for i in range(9)]
    library.add([*english, RICE])
    assert "rice" in search(retriever, "Why did the price of rice rise?", k=4)


def test_a_hit_says_how_close_it_is_in_meaning(open_retriever: Callable[..., tuple[Library, Retriever]]) -> None:
    library, retriever = open_retriever(HashingEmbedder())
    library.add([RICE])
    vector = HashingEmbedder().queries(["harga beras"])[0]
    (hit,) = retriever.search("harga beras", vector)
    expected = HashingEmbedder().passages([f"{RICE.title}\n{RICE.text}"])[0] @ vector
    assert hit.score == pytest.approx(float(expected), abs=1e-4)
    assert hit.passage.text == RICE.text
