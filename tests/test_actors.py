"""Who does what."""

import pytest

from rag.actors import misplaced
from rag.alignment import Alignment
from rag.embedding import HashingEmbedder

EMBEDDER = HashingEmbedder(4096)


def problems(statement: str, *told: str) -> list[str]:
    first, *others = EMBEDDER.tokens([statement, *told])
    return list(misplaced(statement, "en", [(text, "en") for text in told], Alignment(first, others)))


def test_words_of_one_are_not_given_to_another() -> None:
    told = "then Budi Harun said the bridge is old.", "later Sari Utami called the ferry unsafe."
    assert problems("then Sari Utami said the bridge is old.", *told)
    assert not problems("then Budi Harun said the bridge is old.", *told)


def test_winner_and_loser_keep_their_places() -> None:
    told = "at home Persija beat Persib again."
    assert problems("at home Persib beat Persija again.", told)
    assert not problems("at home Persija beat Persib.", told)


@pytest.mark.parametrize("statement", ["Persib lost, said Persija", "Persija won; Persib lost"])
def test_names_in_two_clauses_may_change_places(statement: str) -> None:
    assert not problems(statement, "at home Persija beat Persib again.")
