"""What made a run: everything that could explain its numbers, and the key under which it may be resumed."""

import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from os import cpu_count, environ
from pathlib import Path

from eval.cases import SEED, Suite
from rag.config import PROJECT, Config

_LIBRARIES = ("torch", "sentence-transformers", "transformers", "chromadb", "llama-index-core", "sentencex", "py3langid", "numpy")


@dataclass(frozen=True, slots=True)
class Record:
    """Revision, configuration, models, documents, versions, machine and seed of a run over one set."""

    revision: str
    code: str
    """Hash of the product's sources and weights, which says more than a revision where a work tree was changed."""
    config: dict[str, str]
    models: dict[str, str]
    corpus: str
    """Hash of the documents and cases."""
    versions: dict[str, str]
    machine: dict[str, str]
    seed: int
    finished: str


def run_key(config: Config, suite: Suite) -> str:
    """Twelve hexadecimal digits of what results depend on, libraries and what is asked included. A run resumes under it."""
    return _digest([code_hash("rag", "eval"), json.dumps([_settings(config), _versions()]), suite.part, suite_hash(suite)])


def record(config: Config, suite: Suite, models: dict[str, str]) -> Record:
    """The record of a run that has just ended."""
    return Record(
        revision=_git("rev-parse", "--short=12", "HEAD") + ("-dirty" if _git("status", "--porcelain", "--", "rag") else ""),
        code=code_hash(),
        config=_settings(config),
        models=models,
        corpus=suite_hash(suite),
        versions=_versions(),
        machine={
            "processor": _processor(),
            "cores": str(cpu_count()),
            "threads": environ.get("OMP_NUM_THREADS", "default"),
            "system": f"{platform.system()} {platform.machine()}",
        },
        seed=SEED,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def code_hash(*folders: str) -> str:
    """Hash of every source and weight file, and of the words, in some folders of the project; default: the product's."""
    found = (f for folder in folders or ("rag",) for f in (PROJECT / folder).rglob("*"))
    files = sorted(f for f in found if f.suffix in {".py", ".safetensors", ".toml"})
    return _digest(f"{f.relative_to(PROJECT)} {sha256(f.read_bytes()).hexdigest()}" for f in files)


def suite_hash(suite: Suite) -> str:
    """Hash of every document with what is known of it, case and edit."""
    return _digest(repr(part) for part in (*map(asdict, suite.documents), *map(asdict, suite.cases), sorted(suite.edits.items())))


def documents_hash(suite: Suite) -> str:
    """Hash of the documents alone, under which their index is kept."""
    return _digest(f"{d.id} {d.title} {d.sha256}" for d in suite.documents)


def _settings(config: Config) -> dict[str, str]:
    """What changes answers; where things lie does not."""
    return {name: str(getattr(config, name)) for name in config.__dataclass_fields__ if name not in {"home", "store", "corpus"}}


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def _digest(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:12]


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=PROJECT, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if sys.platform == "linux" and info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
