"""Files -> documents. A corpus is a folder with a manifest that pins each text by its hash; a file may also come alone."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.errors import DocumentError
from rag.language import detect_language
from rag.records import AlignedSentence, Document, Translation

MAX_BYTES = 10_000_000  # a day's newspaper is under 1 MB; more than this in one text is a mistake
SUFFIXES = (".txt", ".md")

_T = TypeVar("_T")
_Text = Annotated[str, Field(min_length=1)]


class _TranslationEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    language: _Text
    by: _Text
    file: _Text


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: _Text
    file: _Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    title: _Text
    language: _Text
    publisher: str = ""
    source: str = ""
    date: str = ""
    desk: str = ""
    translations: tuple[_TranslationEntry, ...] = ()


_MANIFEST = TypeAdapter(tuple[_Entry, ...])
_ALIGNED = TypeAdapter(tuple[AlignedSentence, ...])


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, as it is, code point for code point.

    Raises:
        DocumentError: the file cannot be read, is empty, too large, binary or not UTF-8.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(f"{path} has {path.stat().st_size:,} bytes; the limit is {MAX_BYTES:,}. Split it.")
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8 and try again") from error
    if "\0" in text:
        raise DocumentError(f"{path} is binary, not text (it holds NUL)")
    if not text.strip():
        raise DocumentError(f"{path} is empty")
    return text


def read_document(path: Path) -> Document:
    """One text file as a document: its first line is its title, its name its id, its language is detected.

    Raises:
        DocumentError: see `read_text`; or the kind of file is not one of `SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DocumentError(f"{path} is not a kind of file that can be read ({', '.join(SUFFIXES)})")
    text = read_text(path)
    title = next(line.strip() for line in text.splitlines() if line.strip())
    identifier = re.sub(r"[^\w.-]+", "-", path.stem).strip("-") or sha256(text.encode()).hexdigest()[:16]
    return Document(id=identifier, text=text, title=title[:200], language=detect_language(text[:5000]))


def read_corpus(folder: Path) -> list[Document]:
    """Every document of a folder with a `manifest.json`, in its order.

    Raises:
        DocumentError: a file is missing or unreadable, a text no longer has the hash the manifest gives it, a translation
            does not lie within its text, an id occurs twice.
    """
    manifest = folder / "manifest.json"
    entries = _parse(_MANIFEST, manifest)
    documents = [_from_entry(folder, entry) for entry in entries]
    if len({d.id for d in documents}) < len(documents):
        raise DocumentError(f"{manifest} gives one id to two documents")
    return documents


def read_path(path: Path) -> list[Document]:
    """The documents at a path: a corpus folder, a folder of text files, or one file.

    Raises:
        DocumentError: see `read_corpus` and `read_document`; or the path holds nothing that can be read.
    """
    if (path / "manifest.json").is_file():
        return read_corpus(path)
    if not path.is_dir():
        return [read_document(path)]
    files = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
    if not files:
        raise DocumentError(f"{path} holds no {' or '.join(SUFFIXES)} file")
    return [read_document(file) for file in files]


def _from_entry(folder: Path, entry: _Entry) -> Document:
    path = folder / entry.file
    text = read_text(path)
    if (found := sha256(text.encode()).hexdigest()) != entry.sha256:
        raise DocumentError(
            f"{path} is no longer the text the manifest pins (sha256 {found[:12]}..., expected {entry.sha256[:12]}...). "
            "Restore the file, or give the manifest its new hash if the change is meant."
        )
    translations = tuple(Translation(t.language, t.by, _aligned(folder / t.file, len(text))) for t in entry.translations)
    about = entry.model_dump(exclude={"file", "sha256", "translations"})
    return Document(text=text, translations=translations, **about)


def _aligned(path: Path, length: int) -> tuple[AlignedSentence, ...]:
    sentences = _parse(_ALIGNED, path)
    edges = [0, *(edge for s in sentences for edge in (s.start, s.end)), length]
    if edges != sorted(edges):
        raise DocumentError(f"{path}: its sentences overlap, are out of order or lie outside the text")
    return sentences


def _parse(adapter: TypeAdapter[_T], path: Path) -> _T:
    try:
        return adapter.validate_json(read_text(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DocumentError(f"{path}: {where}: {first['msg']}") from error
