"""Files -> documents. A corpus is a folder with a manifest that pins each text by its hash; any other file may come as it is."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeVar
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.config import Limits
from rag.errors import DocumentError
from rag.fetching import fetch
from rag.formats.article import Article, Refusal
from rag.formats.cage import Cage
from rag.formats.reading import Found, Upload, files, read_bytes, read_file, read_upload
from rag.language import detect_language
from rag.records import AlignedSentence, Document, Step, Translation
from rag.tags import base

MAX_BYTES = 10_000_000  # a day's newspaper is under 1 MB; more than this in one text is a mistake
LONGEST_ID = 80

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


def read_paths(
    paths: Sequence[str | Path | Upload],
    limits: Limits,
    find: Callable[[str], Document | None],
    *,
    network: bool = False,
    progress: Callable[[Step], None] = lambda _: None,
    mapper: Callable[..., Iterator[list[Any]]] | None = None,
) -> Iterator[Document | Refusal]:
    """What is read at the paths, one file after the other, and what was refused.

    Args:
        paths: corpus folders, files and folders of files, addresses.
        limits: how much of a file is read.
        find: the document of an id that the library has, or None.
        network: whether addresses may be fetched.
        progress: told before each file is read, and at the end.
        mapper: has the files read elsewhere, where they must lie at the same paths.
    """
    catalogue = Catalogue(find)
    sources = [source for path in paths for source in _sources(path)]
    if mapper:
        for number, found in enumerate(mapper(partial(_read_alone, limits, network), sources), 1):
            yield from (catalogue.document(one) if isinstance(one, Found) else one for one in found)
            progress(Step("reading", "", number, len(sources)))
        return
    with Cage(limits) as cage:
        for number, (source, given) in enumerate(sources):
            progress(Step("reading", source.name if isinstance(source, Upload) else str(source), number, len(sources)))
            for one in _read(source, cage, given=given, network=network):
                yield catalogue.document(one) if isinstance(one, Found) else one
        progress(Step("reading", "", len(sources), len(sources)))


def is_address(path: object) -> bool:
    """Whether something given as a path is a web address."""
    return isinstance(path, str) and path.startswith(("http://", "https://"))


class Catalogue:
    """Gives articles that were read their ids: the same for the same origin, whenever it is read again.

    An id is the file's name, or the id that the file gives, where that is free; otherwise it has the hash of the origin in it.
    """

    def __init__(self, find: Callable[[str], Document | None]) -> None:
        """Keep what finds a document of the library by its id."""
        self._find = find
        self._given: dict[str, str] = {}

    def document(self, found: Found) -> Document:
        """The article as a document; a language that its file does not give is detected."""
        article = found.article
        return Document(
            id=self._identifier(found),
            text=article.text,
            title=article.title,
            language=_language(article),
            publisher=article.publisher,
            date=article.date,
            author=article.author,
            url=article.url,
            origin=found.origin,
        )

    def _identifier(self, found: Found) -> str:
        key = found.article.key
        mark = sha256(found.origin.encode()).hexdigest()[:8]
        long = f"{_slug(found.name.rsplit('.', 1)[0]) or 'article'}-{mark}"
        short = long.removesuffix(f"-{mark}") if not key else key if _slug(key) == key else long
        identifier = short if self._origin(long) is None and self._origin(short) in {None, found.origin} else long
        self._given[identifier] = found.origin
        return identifier

    def _origin(self, identifier: str) -> str | None:
        """Where the document of that id came from, or None where there is none; the id alone is known of a manifest's."""
        document = self._find(identifier)
        return self._given.get(identifier, document.origin if document else None)


def _sources(path: str | Path | Upload) -> Iterator[tuple[str | Path | Upload | Refusal, bool]]:
    """What to read one by one, each with whether it was given as it is; a corpus folder is one thing."""
    if isinstance(path, Upload) or is_address(path):
        yield path, True
        return
    home = str(path) == "~" or str(path).startswith("~/")  # "~$report.docx" is a file
    place = Path(os.path.abspath(Path(path).expanduser() if home else path))  # noqa: PTH100  (resolve would follow links)
    if (place / "manifest.json").is_file() or not place.is_dir():
        yield place, True
        return
    found = [(file, False) for file in files(place)]
    yield from found or [(Refusal(str(place), "holds no file"), True)]


def _read_alone(limits: Limits, network: bool, source: tuple[Any, bool]) -> list[Any]:
    """One source, read in a process that reads nothing else of the same call."""
    with Cage(limits) as cage:
        return list(_read(source[0], cage, given=source[1], network=network))


def _read(source: str | Path | Upload | Refusal, cage: Cage, *, given: bool, network: bool) -> Iterator[Document | Found | Refusal]:
    try:
        if isinstance(source, Refusal):
            yield source
        elif isinstance(source, Upload):
            yield from read_upload(source, cage)
        elif isinstance(source, str):
            yield from read_bytes(source, fetch(source, cage.limits, allowed=network), cage)
        elif source.is_dir():
            yield from read_corpus(source)
        else:
            yield from read_file(source, cage, given=given)
    except DocumentError as error:
        yield Refusal("", str(error))


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", normalize("NFC", name))[:LONGEST_ID].strip("-.")


def _language(article: Article) -> str:
    """The language an article's file gives, or the one its words are in; a tag is told from a name by its form."""
    if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", article.language):
        return base(article.language)
    return detect_language(article.text[:5000])


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
