"""What the README tells people to type, typed."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from rag.__main__ import _parser, main
from rag.config import PROJECT

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
