import json
from dataclasses import replace

import pytest

from rag import answer
from rag.reader import Reading
from rag.records import Answer, Document, Span

OLD = Document("old", "Harga beras naik kemarin.", "Beras", "id", date="2022-01-20")


def quoted(*dates: str) -> Answer:
    documents = [replace(OLD, id=f"rice {n}", date=date) for n, date in enumerate(dates)]
    return answer.quote("harga?", "id", [Reading(d, Span(0, len(d.text)), 0.9) for d in documents])


def test_a_citation_carries_the_date_that_its_words_count_from() -> None:
    (citation,) = quoted("2022-01-20").citations
    assert (citation.date, citation.later) == ("2022-01-20", False)


@pytest.mark.parametrize(
    ("dates", "later"),
    [
        pytest.param(("2022-01-20", "2022-01-21"), [False, True], id="a day later"),
        pytest.param(("2022-02", "2022-01-31"), [True, False], id="a month later"),
        pytest.param(("2022-01", "2022-01-31"), [False, False], id="perhaps the same day"),
        pytest.param(("2022-01-20", ""), [False, False], id="no date"),
        pytest.param(("", ""), [False, False], id="no dates"),
    ],
)
def test_the_later_of_two_documents_is_marked(dates: tuple[str, str], later: list[bool]) -> None:
    assert [c.later for c in quoted(*dates).citations] == later


def test_dates_are_read_back() -> None:
    before = quoted("2022-01-20", "2022-01-21")
    assert Answer.from_json(json.dumps(before.to_dict())) == before
