from pathlib import Path

import pytest

from rag import ScriptedModel
from rag.errors import LanguageModelError
from rag.language_model import Meter, Prompt

ASKED = Prompt("Be brief.", "What is the price of rice?")


def test_a_scripted_model_replies_by_what_the_prompt_has_in_it() -> None:
    model = ScriptedModel({"oil": "Oil. [1]", "price": ["First. [1]", "Second. [1]"]})
    replies = ["".join(model.stream(ASKED, Meter())) for _ in range(3)]
    assert replies == ["First. [1]", "Second. [1]", "Second. [1]"]
    assert "".join(model.stream(Prompt("", "Who?"), Meter())) == ""
    assert model.prompts[0] == ASKED


def test_it_comes_in_pieces_that_lose_nothing() -> None:
    reply = " It costs\n\n40  rupiah. [1] "
    pieces = list(ScriptedModel({"": reply}).stream(ASKED, Meter()))
    assert len(pieces) > 3
    assert "".join(pieces) == reply


def test_a_reply_that_is_cut_short_counts_for_what_was_received() -> None:
    meter = Meter()
    reply = ScriptedModel({"": "one two three"}).stream(ASKED, meter)
    next(reply)
    reply.close()
    assert meter == Meter(replies=1, prompt_tokens=6, completion_tokens=1)


def test_what_was_used_is_told_with_its_cost_where_the_price_is_known() -> None:
    meter = Meter()
    assert meter.to_dict((1.0, 1.0)) == {}
    meter.add(1000, 10)
    meter.add(500, 20)
    counts = {"replies": 2, "prompt_tokens": 1500, "completion_tokens": 30}
    assert meter.to_dict(None) == counts
    assert meter.to_dict((0.15 / 1e6, 0.6 / 1e6)) == counts | {"cost": pytest.approx(1500 * 0.15e-6 + 30 * 0.6e-6)}


def test_a_script_can_be_read_from_a_file_and_one_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text('{"price": ["A. [1]", "B. [1]"], "": "C. [1]"}')
    assert "".join(ScriptedModel.read(file).stream(ASKED, Meter())) == "A. [1]"
    for text in ("[]", "{", '{"a": 1}'):
        file.write_text(text)
        with pytest.raises(LanguageModelError, match=r"script\.json is not a script"):
            ScriptedModel.read(file)
    with pytest.raises(LanguageModelError, match="is not a script"):
        ScriptedModel.read(tmp_path / "none")
