"""A process of its own for parsers: what goes wrong in there, by chance or by intent, ends there.

Bytes go in and JSON comes out, so that nothing from in there is run out here. Each file has the time and the memory that
the limits give it; when a parser takes more, the process ends, the file is named, and the next file gets a new process.
"""

import json
import signal
import subprocess
import sys
from dataclasses import fields
from typing import Any, Self

from pydantic import TypeAdapter

from rag.config import PROJECT, Limits
from rag.formats.article import Article, Refusal, Unreadable

_ANSWER = TypeAdapter(list[Article | Refusal])


class Cage:
    """Parses files one by one; a context manager. The process starts with the first file."""

    def __init__(self, limits: Limits) -> None:
        """Keep the limits."""
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, at once; safe to call twice."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def parse(self, kind: str, raw: bytes) -> list[Article | Refusal]:
        """What a parser of `kinds.PARSERS` makes of a file.

        Raises:
            Unreadable: the parser says so, or was stopped.
        """
        process = self._started()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  (both are pipes)
        try:
            process.stdin.write(json.dumps({"kind": kind, "bytes": len(raw)}).encode() + b"\n" + raw)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        except BaseException:
            self.close()  # an answer may be half read
            raise
        if not line:
            raise Unreadable(self._cause_of_death())
        answer: dict[str, Any] = json.loads(line)
        if "reason" in answer:
            raise Unreadable(answer["reason"])
        return _ANSWER.validate_python(answer["found"])

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            settings = {field.name: getattr(self.limits, field.name) for field in fields(Limits)}
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "rag.formats.parser", json.dumps(settings)],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is for us; we end it ourselves
            )
        return self._process

    def _cause_of_death(self) -> str:
        assert self._process is not None  # noqa: S101
        process, self._process = self._process, None
        process.communicate()  # waits, and closes the pipes
        if process.returncode == -signal.SIGALRM:
            return f"took longer than {self.limits.max_seconds} s to read, the limit (RAG_MAX_SECONDS)"
        return "could not be read: the parser broke down over it; the file is damaged, or made to do that"
