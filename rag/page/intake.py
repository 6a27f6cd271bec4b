"""Articles taken in by the page: uploads wait on disk, and one job at a time brings them into the library.

The job runs on a thread of its own, so that it goes on while the page is reloaded; whoever looks is told how far it is.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
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

_MEGABYTE = 1_000_000


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
        size = 0
        with upload.path.open("wb") as file:
            async for chunk in chunks:
                file.write(chunk)
                size += len(chunk)
                if size > self._limits.max_file_mb * _MEGABYTE:
                    upload.path.unlink()
                    raise DocumentError(f"{upload.name} has more than {self._limits.max_file_mb} MB, the limit (RAG_MAX_FILE_MB)")
        self._waiting[token] = upload
        return token

    def begin(self, assistant: Assistant, tokens: Sequence[str], addresses: Sequence[str] = ()) -> None:
        """Begin to take in uploads and web addresses.

        Raises:
            StoreBusy: the last ones are not in yet.
            DocumentError: one was never uploaded.
        """
        if not all(map(is_address, addresses)):
            raise DocumentError("a web address begins with http:// or https://")
        with self._start:
            if self.job.running:
                raise StoreBusy("other articles are being added; wait until they are in, or stop it")
            try:
                sources: list[Upload | str] = [self._waiting.pop(token) for token in tokens]
            except KeyError:
                raise DocumentError("that file has not been uploaded") from None
            sources += addresses
            self._stop.clear()
            self.job = Job(total=len(sources), running=True)
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
        finally:
            for source in sources:
                if isinstance(source, Upload):
                    source.path.unlink(missing_ok=True)
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
