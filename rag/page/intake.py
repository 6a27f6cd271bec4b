"""Articles taken in by the page: uploads wait on disk, and one job at a time brings them into the library.

The job runs on a thread of its own, so that it goes on while the page is reloaded; whoever looks is told how far it is.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from uuid import uuid4

from rag.assistant import Assistant
from rag.config import Limits
from rag.corpus import is_address
from rag.errors import DocumentError, RagError, StoreBusy
from rag.formats.article import Refusal, label
from rag.formats.reading import Upload
from rag.records import Step


@dataclass(frozen=True, slots=True)
class Job:
    """How far it is: `done` of `total` files, `stored` new or changed articles, `same` as they were; `name` is under way.

    Of a long article's `passages`, so many are `embedded`.
    """

    total: int = 0
    done: int = 0
    name: str = ""
    stage: str = "reading"
    embedded: int = 0
    passages: int = 0
    stored: int = 0
    same: int = 0
    refused: tuple[Refusal, ...] = ()
    running: bool = False
    stopped: bool = False
    error: str = ""


class Intake:
    """Keeps uploads until they are read, and reads them."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is under way."""
        self.job = Job()
        self._limits = limits
        self._waiting: dict[str, Upload] = {}
        self._stop = Event()
        self._start = Lock()

    @cached_property
    def _folder(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(prefix="kutip-")

    async def keep(self, name: str, chunks: AsyncIterator[bytes]) -> str:
        """Keep an upload as it comes in, and give the token that `begin` takes.

        Raises:
            DocumentError: it is larger than the limit.
        """
        token = uuid4().hex
        upload = Upload(label(name.replace("\\", "/").rsplit("/", 1)[-1]) or token, Path(self._folder.name, token))
        try:
            await self._receive(upload, chunks)
        except BaseException:  # also where whoever sends it goes away
            _drop([upload])
            raise
        self._waiting[token] = upload
        return token

    async def _receive(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        size = 0
        with upload.path.open("wb") as file:
            async for chunk in chunks:
                file.write(chunk)
                size += len(chunk)
                if size > self._limits.max_file:
                    raise DocumentError(f"{upload.name} has more than {self._limits.max_file_mb} MB, the limit (RAG_MAX_FILE_MB)")

    def begin(self, assistant: Assistant, tokens: Sequence[str], addresses: Sequence[str] = ()) -> None:
        """Begin to take in uploads and web addresses; what is refused is no longer kept.

        Raises:
            StoreBusy: the last ones are not in yet.
            DocumentError: one was never uploaded.
        """
        uploads = [upload for token in tokens if (upload := self._waiting.pop(token, None))]
        sources: list[Upload | str] = [*_apart(uploads), *addresses]
        try:
            with self._start:
                if len(uploads) < len(tokens):
                    raise DocumentError("that file has not been uploaded")
                if not all(map(is_address, addresses)):
                    raise DocumentError("a web address begins with http:// or https://")
                if self.job.running:
                    raise StoreBusy("other articles are being added; wait until they are in, or stop it")
                self._stop.clear()
                self.job = Job(total=len(sources), running=True)
        except RagError:
            _drop(sources)
            raise
        Thread(target=self._run, args=(assistant, sources), name="taking in", daemon=True).start()

    def stop(self) -> None:
        """End the job before its next article; what is stored by then stays."""
        self._stop.set()

    def close(self) -> None:
        """Drop what waits."""
        self.stop()
        if "_folder" in self.__dict__:
            self._folder.cleanup()

    def _run(self, assistant: Assistant, sources: Sequence[Upload | str]) -> None:
        try:
            for document in assistant.read(sources, refused=self._refuse, progress=self._tell):
                if self._stop.is_set():
                    break
                self._change(stage="storing", name=document.title)
                new = document.id in assistant.library.add([document], self._tell)
                self._change(stored=self.job.stored + new, same=self.job.same + (not new), stage="reading")
        except RagError as error:
            self._change(error=str(error))
        except BaseException as error:
            self._change(error=f"stopped by a fault of Kutip's own ({type(error).__name__}); what was stored by then stays")
            raise
        finally:
            _drop(sources)
            self._change(running=False, stopped=self._stop.is_set(), name="")

    def _tell(self, step: Step) -> None:
        match step.stage:
            case "reading":
                self._change(done=step.done, name=step.name, stage="reading")
            case "embedding":
                self._change(embedded=step.done, passages=step.total, stage="embedding")
            case "storing":
                self._change(embedded=0, passages=0, stage="storing")

    def _refuse(self, refusal: Refusal) -> None:
        if not refusal.passed_over:
            self._change(refused=(*self.job.refused, refusal))

    def _change(self, **values: object) -> None:
        self.job = replace(self.job, **values)  # type: ignore[arg-type]


def _apart(uploads: Sequence[Upload]) -> Iterator[Upload]:
    """Files of one name, each under a name of its own: an upload's name is all that tells it from another."""
    taken = set[str]()
    for upload in uploads:
        name, number = PurePath(upload.name), 1
        while upload.name in taken:
            number += 1
            upload = replace(upload, name=f"{name.stem} ({number}){name.suffix}")
        taken.add(upload.name)
        yield upload


def _drop(sources: Sequence[Upload | str]) -> None:
    for source in sources:
        if isinstance(source, Upload):
            source.path.unlink(missing_ok=True)
