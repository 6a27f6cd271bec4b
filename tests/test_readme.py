"""What the README tells people to type, typed."""

import re
import shlex
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from rag.__main__ import _parser, main
from rag.assistant import Assistant
from rag.config import PROJECT, Config, Limits
from rag.messages import DECLINING_LANGUAGES
from rag.records import Answer, Citation, Gloss, Nearest, Sentence

README = (PROJECT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]


def test_the_python_block_runs(model_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RAG_HOME", str(model_home))
    (block,) = blocks("python")
    exec(compile(block, "README.md", "exec"), {})
    assert "[1]" in capsys.readouterr().out


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m rag ")])
def test_a_rag_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    assert main(shlex.split(command)[3:]) == 0


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_command_exists(command: str) -> None:
    subprocess.run([*shlex.split(command), "--dry-run"], cwd=PROJECT, check=True, capture_output=True)


def test_every_command_of_the_parser_is_mentioned() -> None:
    usage = _parser().format_help()
    for name in re.findall(r"^    (\w+) ", usage, flags=re.MULTILINE):
        assert re.search(rf"`?{name}\b", README), name


def test_every_picture_and_page_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (PROJECT / target).is_file(), target


def test_the_reference_names_every_setting_field_and_command() -> None:
    text = (PROJECT / "docs/reference.md").read_text("utf-8")
    named = set(re.findall(r"\w+", text))
    assert {f"RAG_{f.name.upper()}" for f in fields(Config)} <= named
    assert {f.name for record in (Answer, Citation, Nearest, Gloss, Sentence) for f in fields(record)} <= named
    assert set(re.findall(r"^    (\w+) ", _parser().format_help(), flags=re.MULTILINE)) <= named
    assert {name for name in vars(Assistant) if not name.startswith("_")} - {"close", "translates"} <= named


def test_the_reference_gives_the_defaults_that_hold() -> None:
    text = (PROJECT / "docs/reference.md").read_text("utf-8")
    for field in fields(Limits):
        (row,) = [line for line in text.splitlines() if f"`RAG_{field.name.upper()}`" in line and line.startswith("|")]
        assert f"{field.default:,}" in row or str(field.default) in row
    assert f"| {Config().risk} |" in text
    assert f"in {len(DECLINING_LANGUAGES)} languages" in text
