import io
import json
import re
from pathlib import Path

import pytest

from rag.__main__ import main
from rag.config import PROJECT
from tests.conftest import ARTICLE, EVIDENCE

RICE = "Harga beras\n\nHarga beras naik sepuluh persen. Petani di Jawa senang."


@pytest.fixture(autouse=True)
def quick_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line as a person runs it, on the real corpus, but with the embedder that needs no model."""
    for name, value in {"HOME": str(tmp_path / "home"), "EMBEDDER": "hashing", "RISK": "0.3"}.items():
        monkeypatch.setenv(f"RAG_{name}", value)


@pytest.fixture
def rice(tmp_path: Path) -> Path:
    file = tmp_path / "rice.txt"
    file.write_text(RICE)
    return file


def output(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def test_ask_prints_the_answer_with_its_quote_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    printed = output(capsys, "ask", "pasukan AS tidak akan dikerahkan untuk mempertahankan negara dari invasi")
    assert EVIDENCE in printed
    assert f"Blinken dan Lavrov, {ARTICLE} [1893, 2086), sha256 " in printed


def test_ask_json_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    printed = output(capsys, "ask", EVIDENCE, "--json", "--language", "en")
    answer = json.loads(printed)
    (citation,) = answer["citations"]
    text = (PROJECT / "corpus" / f"{ARTICLE}.txt").read_text("utf-8")
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["translation"]["language"] == "en"
    assert answer["text"] == citation["translation"]["text"] + " [1]"
    assert set(answer["timings_ms"]) == {"embed", "retrieve", "answer", "total"}


def test_a_declined_answer_is_done_and_offers_the_closest_passages(capsys: pytest.CaptureFixture[str]) -> None:
    printed = output(capsys, "ask", "zzz qqq xxx?", "--language", "en")
    assert printed.startswith("The articles do not say.")
    assert "Closest passages, which do not answer it:" in printed


def test_a_batch_is_answered_a_line_each_in_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text(f"apa?\n\n{json.dumps({'question': EVIDENCE})}\n")
    lines = output(capsys, "ask", "--batch", str(batch)).splitlines()
    assert [json.loads(line)["question"] for line in lines] == ["apa?", EVIDENCE]


def test_a_batch_can_come_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("apa?\n"))
    assert json.loads(output(capsys, "ask", "--batch", "-"))["question"] == "apa?"


def test_a_bad_line_of_a_batch_is_named_before_anything_is_answered(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    batch = tmp_path / "questions.jsonl"
    for line in ('{"q": 1}', '{"question": null}', "{"):
        batch.write_text(f"apa?\n{line}\n")
        assert "line 2: not a JSON object" in output(capsys, "ask", "--batch", str(batch), status=1)


def test_a_line_separator_within_a_question_of_a_batch_ends_no_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text('{"question": "harga\u2028beras?"}\n')
    (line,) = output(capsys, "ask", "--batch", str(batch)).splitlines()
    assert json.loads(line)["question"] == "harga beras?"


def test_a_file_whose_name_begins_like_a_home_is_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("~$rice.txt").write_text("Harga beras naik.")
    assert output(capsys, "index", "~$rice.txt") == "1 indexed, 1 in the library\n"


def test_documents_are_indexed_listed_searched_and_removed(capsys: pytest.CaptureFixture[str], rice: Path) -> None:
    assert output(capsys, "index", str(rice)) == "1 indexed, 1 in the library\n"
    assert json.loads(output(capsys, "index", str(rice), "--json")) == {"indexed": [], "documents": 1, "refused": []}
    assert output(capsys, "documents").startswith("rice\n       Harga beras")
    assert json.loads(output(capsys, "documents", "--json"))[0]["characters"] == len(RICE)
    (hit,) = json.loads(output(capsys, "search", "harga beras", "--json", "-k", "1"))
    assert (hit["document"], hit["quote"]) == ("rice", RICE[hit["start"] : hit["end"]])
    assert "rice [0, " in output(capsys, "search", "harga beras")
    assert output(capsys, "remove", "rice") == "removed rice\n"
    assert "no document 'rice'" in output(capsys, "remove", "rice", status=1)


def test_index_without_a_path_reads_the_corpus_and_rebuild_indexes_it_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "index") == "1 indexed, 1 in the library\n"
    assert output(capsys, "index") == "0 indexed, 1 in the library\n"
    assert output(capsys, "index", "--rebuild") == "1 indexed, 1 in the library\n"


def test_what_cannot_be_read_is_named_and_the_rest_is_indexed(
    capsys: pytest.CaptureFixture[str], rice: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"news\0news")
    assert main(["index", str(rice), str(bad), "--json"]) == 1
    captured = capsys.readouterr()
    assert f"not read: {bad} is binary" in captured.err
    assert captured.err.rstrip().endswith("kutip: 1 could not be read, as named above; all else is in the library")
    told = json.loads(captured.out)
    assert (told["indexed"], told["documents"], told["refused"][0]["name"]) == (["rice"], 1, str(bad))


def test_a_saved_answer_is_verified_and_an_altered_one_is_not(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_text(output(capsys, "ask", EVIDENCE, "--json"))
    assert output(capsys, "verify", str(file)) == "every citation checks out\n"
    file.write_text(file.read_text().replace('"start": 1893', '"start": 1892'))
    assert "does not check out: citation 1: the quote is not what stands at" in output(capsys, "verify", str(file), status=1)


def test_the_doctor_says_what_is_stored_and_what_goes_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none stored yet" in output(capsys, "doctor")
    output(capsys, "index")
    monkeypatch.setenv("RAG_EMBEDDER", "packaged")
    printed = output(capsys, "doctor")
    assert "1 stored, 0 of them not yet indexed" in printed
    assert "nothing goes out" in printed
    monkeypatch.setenv("RAG_EMBEDDER", "someone/some-model")
    monkeypatch.setenv("RAG_NETWORK", "on")
    printed = output(capsys, "doctor")
    assert "may be fetched from the Hugging Face hub" in printed
    assert "articles are fetched" in printed


def test_the_doctor_says_which_reader_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert re.search(r"reader +trained\n", output(capsys, "doctor"))
    monkeypatch.setattr("rag.doctor.ARTEFACT", tmp_path / "lost.safetensors")
    assert "similarity, since" in output(capsys, "doctor")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is blank"),
        ("x" * 100_000, "the limit is 2,000"),
        ("a\0b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\udc80b", "U+DC80"),
    ],
    ids=["blank", "100,000 characters", "NUL", "control character", "lone surrogate"],
)
def test_what_cannot_be_asked_is_one_clear_line_and_status_1(
    capsys: pytest.CaptureFixture[str], question: str, message: str
) -> None:
    printed = output(capsys, "ask", question, status=1)
    assert message in printed
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["ask"], ["ask", "q", "--batch", "f"], ["search", "q", "-k", "0"], ["nonsense"], []], ids=" ".join
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_store_that_cannot_be_written_a_wrong_setting_and_another_embedder_are_clear_errors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output(capsys, "index")
    monkeypatch.setenv("RAG_EMBEDDER", "packaged")
    monkeypatch.setattr("rag.assistant.SentenceTransformerEmbedder", lambda *_, **__: OtherEmbedder())
    assert "index --rebuild" in output(capsys, "ask", "apa?", status=1)
    monkeypatch.setenv("RAG_HOME", "/proc/kutip")
    assert "/proc/kutip cannot be made" in output(capsys, "ask", "apa?", status=1)
    monkeypatch.setenv("RAG_HOEM", "x")
    assert "did you mean 'home'" in output(capsys, "ask", "apa?", status=1)


def OtherEmbedder() -> object:  # noqa: N802
    from rag import HashingEmbedder

    return HashingEmbedder(dimension=32)


def test_what_is_printed_cannot_drive_a_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text("Judul\n\nHarga \x1b[2Jberas \u202enaik\u202c sekali.")
    output(capsys, "index", str(hostile))
    printed = output(capsys, "ask", "harga beras naik sekali")
    assert "\x1b" not in printed
    assert "\u202e" not in printed
