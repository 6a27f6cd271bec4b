"""The direction of imports, the libraries' fences, and the public names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag.config import PROJECT

FENCES = {
    "chromadb": {"chroma", "index"},
    "llama_index": {"index", "remote_model", "llama_index"},
    "openai": {"remote_model"},
    "ollama": {"remote_model"},
    "xllamacpp": {"remote_model"},
    "sentence_transformers": {"embedding", "packaged"},
    "transformers": {"embedding", "packaged"},
    "torch": {"packaged", "network", "cross_encoder"},
    "gradio": {"page"},
    "sqlalchemy": {"database", "ledger"},
    "sentencex": {"passages"},
    "py3langid": {"language"},
    "bm25s": {"keywords"},
    "babel": {"locales", "prompts"},
    "num2words": {"locales"},
    "anyascii": {"names"},
    "rapidfuzz": {"names"},
}


def importers(library: str) -> set[str]:
    """The modules of rag, by the first part of their name within it, that import a library anywhere."""
    found = set()
    for file in (PROJECT / "rag").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == library for name in names):
                found.add(file.relative_to(PROJECT / "rag").parts[0].removesuffix(".py"))
    return found


@pytest.mark.parametrize("library", FENCES)
def test_a_foreign_library_is_imported_in_one_or_two_modules(library: str) -> None:
    assert importers(library) <= FENCES[library]


def test_a_module_imports_only_from_stages_before_it() -> None:
    run = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_every_public_name_exists_and_is_documented() -> None:
    for name in rag.__all__:
        assert getattr(rag, name).__doc__, name


LANGUAGE_MODELS = [
    "rag.remote_model",
    "rag.writer",
    "rag.claims",
    "rag.prompts",
    "rag.gate",
    "llama_index.llms.openai",
    "llama_index.llms.ollama",
    "openai",
    "ollama",
    "xllamacpp",
]


def test_without_a_language_model_nothing_of_one_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from rag import Assistant\n"
        f"assistant = Assistant.open(home={str(tmp_path)!r}, embedder='hashing')\n"
        f"assistant.ask('Siapa?'); print(*[name for name in {LANGUAGE_MODELS} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_importing_the_package_is_quick_because_the_heavy_parts_come_later() -> None:
    heavy = ["torch", "sentence_transformers", "transformers", "chromadb", "llama_index", "gradio"]
    code = f"import sys, rag; print(*[name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
