from eval.mutations import CHANGES, MUTATIONS, measure
from rag.records import Document


def test_every_alteration_of_every_kind_is_caught(article: Document) -> None:
    accented = Document("other", "Café in Zürich kostet 3,20. Der Minister will nicht. Ja [1].", "Café", "de")
    rows = measure([article, accented])
    assert {row.kind for row in rows} == {*MUTATIONS, *CHANGES}
    assert [row for row in rows if row.caught < row.made] == []
    assert all(row.made >= 10 for row in rows)
