"""Settings: one frozen object, read once: defaults, then `rag.toml`, then the environment, then keywords."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rag.errors import ConfigError

PROJECT = Path(__file__).resolve().parent.parent
# A name of a user or a query in the address would be a key that is shown wherever the setting is.
_LLM = re.compile(r"none|(ollama|openai|gguf|scripted):\S.*|https?://[^@?#\s]+#\S+")
_MEGABYTE = 1_000_000
_PRICE = re.compile(r"\d+(\.\d+)?,\s*\d+(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file of strangers is read, so that none can take the machine. Each field is also `RAG_<FIELD>`."""

    max_file_mb: int = 100
    """Megabytes of a file, or of one packed in another."""
    max_unpacked_mb: int = 500
    """Megabytes that one archive may unpack to, with those in it."""
    max_depth: int = 2
    """Archives within each other."""
    max_articles: int = 100_000
    """Articles of a file, or files of an archive."""
    max_characters: int = 10_000_000
    """Code points of an article; the longest novels have fewer."""
    max_seconds: int = 60
    """Seconds that parsing a file may take."""
    max_memory_mb: int = 1500
    """Megabytes that parsing a file may take."""

    @property
    def max_file(self) -> int:
        """Bytes of a file."""
        return self.max_file_mb * _MEGABYTE

    @property
    def max_unpacked(self) -> int:
        """Bytes that one archive may unpack to."""
        return self.max_unpacked_mb * _MEGABYTE

    @property
    def max_memory(self) -> int:
        """Bytes that parsing a file may take."""
        return self.max_memory_mb * _MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Limits):
    """Where things live and which parts do the work. Each field is also `RAG_<FIELD>` in the environment."""

    home: Path = PROJECT / ".rag"
    """Holds the ledger, the embedded store, and the packaged embedder once made."""
    store: str = ""
    """Chroma: a folder, or `http://host:port`; empty is a folder in `home`."""
    ledger: str = ""
    """Documents and what is known of them: `postgresql://user@host/database`; empty is an SQLite file in `home`."""
    embedder: str = "packaged"
    """`packaged`, or any sentence-transformers model by name or folder."""
    reader: str = "trained"
    """`trained`, or `similarity`: the embedder alone, without our own model."""
    llm: str = "none"
    """`none`: answers are quotations. Else the language model that words them: `ollama:NAME`, `openai:NAME`,
    `http://host:port/v1#NAME`, `gguf:FILE` or `scripted:FILE`."""
    llm_patience: float = 60
    """Seconds that a language model may take for a reply."""
    llm_price: str = ""
    """What a million tokens of prompt and of reply cost, `0.15,0.60`; then answers say what they cost."""
    corpus: Path = PROJECT / "corpus"
    """The folder that `index` reads when no path is given."""
    risk: float = 0.1
    """Of what is answered, the share that the documents may not answer, where one question in four has no answer in them; the
    threshold for declining follows from it."""
    network: bool = False
    """Whether articles may be fetched from the addresses that a person gives."""

    def __post_init__(self) -> None:
        """Bring values that came as text to their types, and refuse what cannot be."""
        for field in fields(self):
            made = _MADE[field.type](field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, made)
        if not 0 < self.risk < 1:
            raise ConfigError(f"risk must lie between 0 and 1, not {self.risk}")
        if self.reader not in {"trained", "similarity"}:
            raise ConfigError(f"reader must be 'trained' or 'similarity', not {self.reader!r}")
        if not 0 < self.llm_patience < float("inf"):
            raise ConfigError(f"llm_patience must be more than 0 seconds, not {self.llm_patience}")
        if not _LLM.fullmatch(self.llm):
            raise ConfigError(
                "llm must be 'none', 'ollama:NAME', 'openai:NAME', 'http://host:port/v1#NAME', 'gguf:FILE' or 'scripted:FILE'; "
                "a key goes into the environment, as OPENAI_API_KEY or LLM_API_KEY"
            )
        if self.llm_price and not _PRICE.fullmatch(self.llm_price):
            raise ConfigError(f"llm_price must be two numbers, as in '0.15,0.60', not {self.llm_price!r}")

    @property
    def store_location(self) -> str:
        """Where Chroma is: the absolute path of a folder, or `http://host:port`."""
        if self.store.startswith(("http://", "https://")):
            return self.store
        return str(_place("store", self.store) if self.store else self.home / "chroma")

    @property
    def prices(self) -> tuple[float, float] | None:
        """What a token of prompt and of reply cost, where that is known."""
        if not self.llm_price:
            return None
        prompt, reply = (float(price) / 1_000_000 for price in self.llm_price.split(","))
        return prompt, reply

    @classmethod
    def load(cls, *, environment: Mapping[str, str] | None = None, folder: Path = PROJECT, **overrides: Any) -> "Config":
        """Read every source in turn; a later one wins.

        Args:
            environment: `RAG_*` variables are read, the rest ignored; default `os.environ`.
            folder: where `rag.toml` may lie.
            **overrides: fields by name.

        Raises:
            ConfigError: a key that does not exist (the nearest known one is named), or a value that cannot be.
        """
        file = folder / "rag.toml"
        try:
            from_file = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}") from error
        environment = os.environ if environment is None else environment
        from_environment = {k[4:].lower(): v for k, v in environment.items() if k.startswith("RAG_")}
        known = [f.name for f in fields(cls)]
        merged: dict[str, Any] = {}
        for source, values in ((str(file), from_file), ("the environment", from_environment), ("the call", overrides)):
            for key, value in values.items():
                if key not in known:
                    near = get_close_matches(key, known, n=1, cutoff=0)
                    shown = f"RAG_{key.upper()}" if source == "the environment" else key
                    raise ConfigError(f"unknown setting {shown!r} in {source}; did you mean {near[0]!r}?")
                merged[key] = value
        return cls(**merged)


def _text(name: str, value: Any) -> str:
    value = str(value) if isinstance(value, Path) else value
    if not isinstance(value, str):  # and is not repeated, for it may hold a key
        raise ConfigError(f"{name} must be text; in rag.toml it stands in quotes")
    return value


def _place(name: str, value: Any) -> Path:
    path = value if isinstance(value, Path) else Path(_text(name, value))
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # "~" where nobody has a folder
        return path.absolute()


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{name} must be a number, not {value!r}") from None


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise ConfigError(f"{name} must be a whole number from 1 on, not {value!r}")
    return int(value)


def _truth(name: str, value: Any) -> bool:
    known = {"1": True, "on": True, "true": True, "yes": True, "0": False, "off": False, "false": False, "no": False}
    if str(value).lower() not in known:
        raise ConfigError(f"{name} must be on or off, not {value!r}")
    return known[str(value).lower()]


_MADE: Mapping[Any, Callable[[str, Any], Any]] = {str: _text, Path: _place, float: _number, int: _count, bool: _truth}
