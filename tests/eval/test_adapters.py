"""Each public format, in a few lines of its own shape."""

import json
from pathlib import Path

import pytest

from eval.adapters import read_set
from eval.cases import CaseError, Place, Suite, among, given, sampled
from eval.goldset import read_gold
from rag.records import Document

CONTEXT = "Kota itu jatuh pada hari Senin. Hujan turun."


def squad_file(folder: Path, name: str = "x.json", **question: object) -> Path:
    qa = {"id": "1", "question": "Kapan kota itu jatuh?", "answers": [{"text": "hari Senin", "answer_start": 20}]} | question
    path = folder / name
    path.write_text(json.dumps({"data": [{"title": "Kota", "paragraphs": [{"context": CONTEXT, "qas": [qa]}]}]}))
    return path


def test_a_squad_answer_s_evidence_is_the_sentence_it_stands_in(tmp_path: Path) -> None:
    suite = read_set("squad", squad_file(tmp_path))
    (case,) = suite.cases
    assert suite.name == "squad:x"
    assert suite.documents[0].text == CONTEXT
    assert case.evidence == (Place(suite.documents[0].id, 0, 31),)
    assert (case.answers, case.language, case.kind) == (("hari Senin",), "id", "answerable")


def test_a_question_without_an_answer_or_marked_impossible_is_unanswerable(tmp_path: Path) -> None:
    impossible = squad_file(tmp_path, is_impossible=True, plausible_answers=[{"text": "Senin", "answer_start": 25}])
    assert [case.kind for case in read_set("squad", impossible).cases] == ["unanswerable"]
    assert [case.kind for case in read_set("squad", squad_file(tmp_path, answers=[])).cases] == ["unanswerable"]


def test_a_question_about_a_text_of_the_train_split_is_left_out_and_its_document_stays(tmp_path: Path) -> None:
    dev = squad_file(tmp_path, "dev.json")
    assert len(read_set("squad", dev).cases) == 1
    other = json.loads(dev.read_text())
    paragraphs = other["data"][0]["paragraphs"]
    (question,) = paragraphs[0]["qas"]
    paragraphs.append({"context": f"{CONTEXT} Salju juga.", "qas": [question | {"id": "2"}]})
    dev.write_text(json.dumps(other))
    squad_file(tmp_path, "train.json")
    suite = read_set("squad", dev)
    assert [case.item for case in suite.cases] == ["2"]
    assert len(suite.documents) == 2
    assert suite.about.endswith(", 1 about a text of the train split left out")


def test_an_answer_that_does_not_stand_at_its_offset_is_left_out_and_counted(tmp_path: Path) -> None:
    qas = [
        {"id": "1", "question": "?", "answers": [{"text": "hari Senin", "answer_start": 19}]},
        {"id": "2", "question": "?", "answers": [{"text": "Hujan", "answer_start": 32}]},
    ]
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"context": CONTEXT, "qas": qas}]))
    suite = read_set("idk-mrc", path)
    assert [case.item for case in suite.cases] == ["2"]
    assert "1 questions left out" in suite.about


def test_a_folder_of_tydi_files_is_one_suite_in_many_languages(tmp_path: Path) -> None:
    squad_file(tmp_path, "indonesian_dev.json")
    train = squad_file(tmp_path, "indonesian_train.json")
    train.write_text(train.read_text().replace("Hujan", "Salju"))
    assert len(read_set("tydi", tmp_path).cases) == 1, "the dev files alone, where there are some"


def xquad_r_files(folder: Path, titles: tuple[str, ...] = ("",)) -> None:
    for language, context, start in (("id", CONTEXT, 20), ("en", "The city fell on Monday. It rained.", 17)):
        articles = []
        for title in titles:
            answer = {"text": context[start : start + 6], "answer_start": start}
            qa = {"id": f"q{title}", "question": f"in {language}?", "answers": [answer]}
            paragraph = {"context": context + title, "qas": [qa], "sentences": [], "sentence_breaks": [[0, context.index(".") + 1]]}
            articles.append({"title": title, "paragraphs": [paragraph]})
        (folder / f"{language}.json").write_text(json.dumps({"data": articles}))


def test_of_xquad_r_the_last_articles_can_be_asked_about_over_the_documents_of_all(tmp_path: Path) -> None:
    xquad_r_files(tmp_path, titles=("a", "b", "c"))
    suite = read_set("xquad-r", Path(f"{tmp_path}#2"))
    assert {case.item for case in suite.cases} == {"qb", "qc"}
    assert len(suite.documents) == 6


def test_xquad_r_asks_every_language_s_questions_of_every_language_s_documents(tmp_path: Path) -> None:
    xquad_r_files(tmp_path)
    suite = read_set("xquad-r", tmp_path)
    texts = {document.id: document.text for document in suite.documents}
    assert {(c.language, c.document_language) for c in suite.cases} == {(a, b) for a in ("en", "id") for b in ("en", "id")}
    for case in suite.cases:
        assert case.question == f"in {case.language}?"
        assert case.documents == (case.evidence[0].document,), "searched in that language's documents only"
        assert texts[case.documents[0]][: case.evidence[0].end].endswith(("Monday.", "Senin."))
    assert len({case.item for case in suite.cases}) == 1
    assert len(sampled(suite, items=1).cases) == 4, "an item is drawn with all its pairs"
    known = {document.id for document in sampled(suite, items=1, pool=1).documents}
    assert all({*(c.documents or ())} <= known for c in sampled(suite, items=1, pool=1).cases), (
        "nothing is searched that is not there"
    )


def test_facqa_s_tokens_become_a_text_and_its_labels_a_span(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    row = "\"['Kapan', '?']\",\"['Kota', 'jatuh', 'hari', 'Senin', '.']\",\"['O', 'O', 'B', 'I', 'O']\""
    path.write_text(f"question,passage,seq_label\n{row}\n")
    (case,) = read_set("facqa", path).cases
    assert case.answers == ("hari Senin",)
    assert case.question == "Kapan ?"


def test_ntrex_searches_indonesian_documents_for_each_sentence_in_other_languages(tmp_path: Path) -> None:
    (tmp_path / "DOCUMENT_IDS.tsv").write_text("a\na\nb\n")
    (tmp_path / "newstest2019-ref.ind.txt").write_text("Kota itu jatuh.\nHujan turun.\nRoti itu mahal.\n")
    (tmp_path / "newstest2019-src.eng.txt").write_text("The city fell.\nIt rained all day.\nBread is dear.\n")
    suite = read_set("ntrex", tmp_path)
    assert [d.text for d in suite.documents] == ["Kota itu jatuh.\nHujan turun.", "Roti itu mahal."]
    assert [c.evidence[0] for c in suite.cases] == [Place("a", 0, 15), Place("a", 16, 28), Place("b", 0, 15)]
    assert suite.part == "retrieval"
    asked = {
        "document": "a",
        "lines": [2],
        "answer": {"ind": "Hujan"},
        "kind": "fact",
        "questions": {"en": "Was it wet?", "id": "Basah?"},
    }
    not_said = {"document": "b", "lines": [], "answer": {}, "kind": "near", "questions": {"en": "Who baked it?"}}
    (tmp_path / "ours.jsonl").write_text(f"{json.dumps(asked)}\n{json.dumps(not_said)}\n")
    ours = read_set("ntrex", Path(f"{tmp_path}#{tmp_path}/ours.jsonl"))
    assert [(c.question, c.evidence) for c in ours.cases] == [
        ("Was it wet?", (Place("a", 16, 28),)), ("Basah?", (Place("a", 16, 28),)), ("Who baked it?", ()),
    ]  # fmt: skip
    assert (ours.name, ours.part) == ("ntrex:ours", "answers")


def test_a_set_may_be_asked_among_the_documents_of_others(tmp_path: Path, suite: Suite) -> None:
    other = read_set("squad", squad_file(tmp_path, answers=[]))
    one, back = among(suite, [other]), among(other, [suite])
    assert one.cases == suite.cases
    assert {d.id for d in one.documents} == {d.id for d in (*suite.documents, *other.documents)}
    assert one.documents == back.documents, "in one order, so that they share an index"
    assert one.name != suite.name
    assert among(suite, []) is suite


@pytest.mark.parametrize("array", [True, False], ids=["a json array", "a line each"])
def test_indonli_gives_statements_with_their_passages(tmp_path: Path, array: bool) -> None:
    row = {"pair_id": 1, "premise": "Hujan turun.", "hypothesis": "Cuaca cerah.", "label": "c", "annotator_type": "lay"}
    path = tmp_path / "n.jsonl"
    path.write_text(json.dumps([row]) if array else json.dumps(row) + "\n")
    (case,) = read_set("indonli", path).cases
    assert (case.premise, case.question, case.kind) == ("Hujan turun.", "Cuaca cerah.", "contradicted")


@pytest.mark.parametrize("kind", ["squad", "facqa", "indonli", "xquad-r", "ntrex", "nonsense"])
def test_what_is_not_of_its_kind_is_refused_in_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    path.write_text("{}")
    with pytest.raises(CaseError):
        read_set(kind, path)
    with pytest.raises(CaseError):
        read_set(kind, tmp_path / "absent")


def test_given_asks_each_question_of_its_own_document(tmp_path: Path) -> None:
    suite = given(read_set("squad", squad_file(tmp_path, answers=[])))
    assert suite.cases[0].documents == (suite.documents[0].id,)


def test_a_pool_keeps_every_document_that_holds_evidence(suite: Suite) -> None:
    cut = sampled(suite, items=1, pool=1)
    assert {place.document for case in cut.cases for place in case.evidence} <= {document.id for document in cut.documents}
    assert len(cut.documents) == 1


def test_cases_are_drawn_with_the_turns_before_them(article: Document) -> None:
    cut = sampled(read_gold([article]), cases=150)
    names = {case.id for case in cut.cases}
    assert len(names) >= 150
    assert all(name in names for case in cut.cases for name in (*case.after, *filter(None, [case.alone])))
    assert "150 of 1222 cases (seed 0)" in cut.about
