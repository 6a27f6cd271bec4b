"""The gate as it stands before a model: real vectors, no trained judge unless one is made up here."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.config import PROJECT
from rag.embedding import HashingEmbedder, SentenceTransformerEmbedder
from rag.gate import SUPPORTED, Gate
from rag.reader import TrainedReader
from rag.records import Support

INJECTIONS = [json.loads(line) for line in (PROJECT / "eval" / "gold" / "injections.jsonl").read_text("utf-8").splitlines()]
TOLD = "Menteri Ratna Sari mengatakan di Jenewa pada Jumat bahwa 3,2 triliun rupiah tidak akan cukup."


class Sure:
    """A judge that always says the same."""

    def __init__(self, supported: float) -> None:
        self.supported = supported

    def support(self, statement: str, passages: Sequence[str]) -> list[Support]:
        return [Support(self.supported, 0.0, 1 - self.supported) for _ in passages]


@pytest.fixture(scope="module")
def gate(model_home: Path) -> Gate:
    return Gate(None, SentenceTransformerEmbedder("packaged", home=model_home))


@pytest.fixture(scope="module")
def judged(model_home: Path) -> Gate:
    """The product's, with the trained reader."""
    return Gate(TrainedReader(model_home), SentenceTransformerEmbedder("packaged", home=model_home))


@pytest.mark.parametrize(
    ("sentence", "language"),
    [("Minister Ratna Sari said in Geneva on Friday that 3.2 trillion rupiah will not be enough.", "en"),
     ("Министр Ратна Сари заявила в Женеве в пятницу, что 3,2 трлн рупий не хватит.", "ru"),
     ("قالت الوزيرة راتنا ساري في جنيف يوم الجمعة إن 3.2 تريليون روبية لن تكفي.", "ar")],
)  # fmt: skip
def test_a_faithful_translation_is_let_through(gate: Gate, sentence: str, language: str) -> None:
    assert gate.check(sentence, [TOLD], language=language, evidence_languages=["id"]) == ()


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Minister Ratna Sari said in Geneva that 2.3 trillion rupiah will not be enough.", "2.3 trillion"),
        ("Minister Ratna Sari said in Vienna that 3.2 trillion rupiah will not be enough.", "Vienna"),
        ("Minister Ratna Sari said in Geneva that 3.2 trillion rupiah will be enough.", "leaves out a 'not'"),
        ("Minister Ratna Sari said in Geneva on Tuesday that 3.2 trillion rupiah will not be enough.", "Tuesday"),
        ("Minister Ratna Sari said “we are broke” in Geneva.", "we are broke"),
    ],
)
def test_what_is_wrong_is_named(gate: Gate, sentence: str, named: str) -> None:
    assert named in " ".join(gate.check(sentence, [TOLD], language="en", evidence_languages=["id"]))


@pytest.mark.parametrize("case", INJECTIONS, ids=lambda case: f"{case['id']}-{case['kind']}")
def test_a_model_that_obeys_the_document_is_stopped(gate: Gate, judged: Gate, case: dict[str, object]) -> None:
    for sentence in case["output"]:
        for one in (gate, judged):
            assert one.check(sentence, [case["document"]], question=case["question"]), ascii(sentence)


def test_the_injections_are_many_and_in_many_languages() -> None:
    assert len(INJECTIONS) >= 40
    assert len({case["language"] for case in INJECTIONS}) >= 10


def test_the_judge_has_the_last_word() -> None:
    aligner = HashingEmbedder(4096)
    sentence = "the bridge is open"
    assert Gate(Sure(1.0), aligner).check(sentence, [sentence]) == ()
    assert Gate(Sure(SUPPORTED / 2), aligner).check(sentence, [sentence]) == ("What it cites does not support it.",)


def test_a_quotation_stands_letter_for_letter() -> None:
    told = "He said: “We will never, ever leave.”"
    assert Gate(None).check('He said "we will never, ever leave".', [told], language="en") == ()
    assert Gate(None).check('He said "we will never leave".', [told], language="en")


@pytest.mark.parametrize("sentence", ["Yes.", "Ya, benar.", "是。"])
def test_a_sentence_that_takes_its_claim_from_the_question_is_stopped(sentence: str) -> None:
    assert Gate(None).check(sentence, [TOLD], question="Will it be enough?")


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "2022", "soon", ""])
def test_a_date_that_is_none_does_no_harm(date: str) -> None:
    assert (
        Gate(None).check("The bridge was opened on Friday.", ["The bridge was opened on Friday."], language="en", dates=[date])
        == ()
    )


@pytest.mark.parametrize(("sentence", "evidence"), [("", ["It is so."]), ("It is so.", []), ("It is so.", [" "])])
def test_nothing_said_and_nothing_cited_do_not_pass(sentence: str, evidence: list[str]) -> None:
    assert Gate(None).check(sentence, evidence)


@pytest.mark.parametrize(("province", "stopped"), [("Jawa Barat", True), ("Jawa Tengah", False)])
def test_a_place_is_not_moved_to_another_point_of_the_compass(province: str, *, stopped: bool) -> None:
    problems = Gate(None).check("The flood hit three villages in Central Java.", [f"Banjir melanda tiga desa di {province}."])
    assert bool(problems) is stopped


@pytest.mark.parametrize(
    ("sentence", "language", "told", "tag"),
    [
        ("Central Jakarta and South Jakarta are flooded.", "en", "Jakarta Pusat dan Jakarta Selatan terendam.", "id"),
        ("East Java and Central Java are flooded.", "en", "Jatim dan Jawa Tengah terendam.", "id"),
        ("North Korea and South Korea are talking.", "en", "Korut dan Korea Selatan berunding.", "id"),
        ("Der Nahe Osten und Südkorea verhandeln.", "de", "Timur Tengah dan Korea Selatan berunding.", "id"),
        ("Western officials went to South Sumatra.", "en", "Para pejabat Barat pergi ke Sumatera Selatan.", "id"),
    ],
)
def test_a_place_in_other_words_is_no_other_place(sentence: str, language: str, told: str, tag: str) -> None:
    problems = Gate(None).check(sentence, [told], language=language, evidence_languages=[tag])
    assert not [problem for problem in problems if "of a place" in problem]
