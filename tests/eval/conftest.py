"""A small suite that every module of the harness can be tried on, without a model."""

import pytest

from eval.cases import Case, Place, Suite
from rag.records import Document

SIEGE = Document("siege", "The castle fell on Monday. Rain had flooded the mill.", "Siege", "en")
BREAD = Document("bread", "Roti itu dibuat dari gandum. Harganya dua ribu.", "Roti", "id")


def case(identifier: str, document: str, language: str, question: str, evidence: tuple[Place, ...], *answers: str) -> Case:
    kind = "answerable" if evidence else "unanswerable"
    item = identifier.split("/")[0]
    return Case(id=identifier, item=item, cluster=document, question=question, language=language, kind=kind, evidence=evidence,
                answers=answers)  # fmt: skip


@pytest.fixture
def suite() -> Suite:
    """Two documents, two facts asked in two languages, one question without an answer."""
    fell, made = (Place("siege", 0, 26),), (Place("bread", 0, 28),)
    cases = (
        case("fall/en", "siege", "en", "When did the castle fall?", fell, "Monday", "on Monday"),
        case("fall/id", "siege", "id", "Kapan castle fell?", fell, "Monday"),
        case("grain/en", "bread", "en", "What is roti dibuat dari?", made, "gandum"),
        case("grain/id", "bread", "id", "Roti dibuat dari apa?", made, "gandum"),
        case("queen/en", "siege", "en", "Who was the queen?", ()),
    )
    return Suite(name="small", about="five cases", documents=(SIEGE, BREAD), cases=cases)

    return lambda *_: None
