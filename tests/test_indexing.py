from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from rag.embedding import HashingEmbedder
from rag.indexing import SLICE, embed, embedded_text
from rag.library import Library
from rag.passages import passages
from rag.records import Document, Step

RICE = Document("rice", "Harga beras naik. Petani senang.", "Beras", "id")


def test_a_passage_is_embedded_behind_its_title() -> None:
    document, vectors = embed(HashingEmbedder(), RICE)
    (passage,) = passages(RICE)
    assert embedded_text(RICE, passage) == "Beras\nHarga beras naik. Petani senang."
    assert np.array_equal(vectors, HashingEmbedder().passages(["Beras\nHarga beras naik. Petani senang."]))
    assert document == RICE


def test_a_long_document_tells_how_many_of_its_passages_are_embedded_and_gets_the_same_vectors() -> None:
    long = Document("long", " ".join(f"Kabar nomor {n} tentang harga beras di pasar." for n in range(600)), "Beras", "id")
    told: list[Step] = []
    _, vectors = embed(HashingEmbedder(), long, told.append)
    count = len(passages(long))
    assert count > SLICE
    assert [step.done for step in told] == [*range(0, count, SLICE), count]
    assert {(step.stage, step.name, step.total) for step in told} == {("embedding", "long", count)}
    assert np.array_equal(vectors, HashingEmbedder().passages([embedded_text(long, passage) for passage in passages(long)]))
    told.clear()
    embed(HashingEmbedder(), RICE, told.append)
    assert not told


def test_the_order_in_which_work_is_done_elsewhere_makes_no_difference(tmp_path: Path) -> None:
    def shuffled(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        given = list(items)
        Random(0).shuffle(given)
        return map(function, given)

    documents = [Document(f"d{n}", f"Kabar nomor {n}. Harga naik.", "Judul", "id") for n in range(6)]
    library = Library(tmp_path, str(tmp_path / "chroma"), HashingEmbedder())
    library.add(documents, mapper=shuffled)
    assert library.documents() == documents
    assert library.damage() == []
