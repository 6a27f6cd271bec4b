"""The language models that `RAG_LLM` may name, through llama-index's integrations.

None of their types, errors or keys leave this module. A key comes from the environment, goes to the one service it is
for, and is part of no message: what a server says is not repeated, only what its answer means.
"""

import os
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from rag.errors import LanguageModelError
from rag.language_model import LanguageModel, Meter, Prompt, ScriptedModel

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatResponse
    from llama_index.core.llms import LLM

MAX_TOKENS = 700
"""Of one reply; five long sentences take 300 in most scripts."""
CONTEXT = 8192
"""Tokens of prompt and reply that a model is asked to hold; our prompts stay below 4,000."""
ATTEMPTS = 3
"""How often a reply is asked for where a server cannot be reached or is too busy."""
BACK_OFF = 0.5
"""Seconds before the second attempt, doubled before the third."""
_NO_REPLY = (ValueError, TypeError, LookupError, AttributeError)
"""What the clients make of a reply that is none."""
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class _Backend:
    """One of llama-index's models, and what it raises."""

    llm: "LLM"
    errors: tuple[type[Exception], ...]
    server: object = None
    """What must live as long as the model does."""


class RemoteModel:
    """A model behind one of llama-index's integrations."""

    def __init__(self, name: str, backend: Callable[[], _Backend], patience: float) -> None:
        """Keep how to make it; nothing is imported or connected until it is first asked.

        Args:
            name: what it is called.
            backend: makes llama-index's model.
            patience: seconds that a reply may take, and that the model may be silent.
        """
        self.name = name
        self._make = backend
        self._patience = patience

    @cached_property
    def _backend(self) -> _Backend:
        try:
            return self._make()
        except ImportError as error:
            raise LanguageModelError(f"{self.name} needs the package {error.name}; `.venv/bin/pip install {error.name}`") from error

    def stream(self, prompt: Prompt, meter: Meter) -> Generator[str, None, None]:
        """See `LanguageModel`; an attempt that fails before its first piece is made again where that may help."""
        deadline = monotonic() + self._patience
        for attempt in range(1, ATTEMPTS + 1):
            try:
                yield from self._attempt(prompt, meter, deadline)
            except LanguageModelError as error:
                wait = BACK_OFF * 2 ** (attempt - 1)
                if not error.passing or attempt == ATTEMPTS or monotonic() + wait > deadline:
                    raise
                sleep(wait)
            else:
                return

    def _attempt(self, prompt: Prompt, meter: Meter, deadline: float) -> Generator[str, None, None]:
        from llama_index.core.base.llms.types import ChatMessage, MessageRole

        backend = self._backend
        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=prompt.instructions),
            ChatMessage(role=MessageRole.USER, content=prompt.content),
        ]
        counts: tuple[int, int] | None = None
        given = 0
        try:
            with closing(backend.llm.stream_chat(messages)) as replies:
                for reply in replies:
                    counts = _counts(reply) or counts
                    if reply.delta:
                        given += 1
                        yield reply.delta
                    if monotonic() > deadline:
                        raise LanguageModelError(f"{self.name} took longer than {self._patience:g} seconds")
        except backend.errors as error:
            raise self._in_words(error, begun=given > 0) from None  # its text and its cause may hold what is secret
        finally:
            if counts or given:
                meter.add(*(counts or (0, given)))

    def _in_words(self, error: Exception, *, begun: bool) -> LanguageModelError:
        """What an error of a client or server means; whether it may pass by itself."""
        import httpx

        status = getattr(error, "status_code", None)
        if isinstance(error, httpx.TimeoutException | TimeoutError) or "Timeout" in type(error).__name__:
            return LanguageModelError(f"{self.name} was silent for {self._patience:g} seconds")
        if status in (401, 403):
            return LanguageModelError(f"{self.name} was refused: the service wants a valid key in the environment")
        if status == 404:
            return LanguageModelError(f"{self.name} is not known to its server")
        if status in _BUSY:
            return LanguageModelError(f"{self.name} is too busy (status {status})", passing=not begun)
        if status is not None and status > 0:
            return LanguageModelError(f"{self.name} refuses what it was asked (status {status})")
        if isinstance(error, _NO_REPLY):
            return LanguageModelError(f"{self.name} sends what is no reply ({type(error).__name__})")
        if begun:
            return LanguageModelError(f"{self.name} broke off")
        return LanguageModelError(f"{self.name} cannot be reached", passing=True)


def open_model(setting: str, *, patience: float) -> LanguageModel:
    """The model that `RAG_LLM` names; its form is checked by `Config`.

    Raises:
        LanguageModelError: a script that cannot be read, or a file that is not there.
    """
    kind, _, name = setting.partition(":")
    if kind == "scripted":
        return ScriptedModel.read(Path(name).expanduser())
    if kind == "ollama":
        return RemoteModel(name, lambda: _ollama(name, patience), patience)
    if kind == "openai":
        return RemoteModel(name, lambda: _openai(name, patience), patience)
    if kind == "gguf":
        file = Path(name).expanduser()
        if not file.is_file():
            raise LanguageModelError(f"{file} is not there; RAG_LLM=gguf:PATH names a model file")
        return RemoteModel(file.stem, lambda: _gguf(file, patience), patience)
    base, _, name = setting.partition("#")
    return RemoteModel(name, lambda: _like_openai(base, name, patience), patience)


def _ollama(name: str, patience: float) -> _Backend:
    import httpx
    from llama_index.llms.ollama import Ollama
    from ollama import RequestError, ResponseError

    llm = Ollama(
        model=name,
        base_url=os.environ.get("OLLAMA_HOST") or "http://localhost:11434",
        temperature=0.0,
        context_window=CONTEXT,
        request_timeout=patience,
        additional_kwargs={"num_predict": MAX_TOKENS},
    )
    return _Backend(llm, (RequestError, ResponseError, httpx.HTTPError, OSError, *_NO_REPLY))


def _openai(name: str, patience: float) -> _Backend:
    from llama_index.llms.openai import OpenAI

    return _Backend(OpenAI(model=name, **_openai_options(patience)), _openai_errors())


def _like_openai(base: str, name: str, patience: float) -> _Backend:
    from llama_index.llms.openai_like import OpenAILike

    # Given also where there is none: llama-index would send OpenAI's key to whoever serves here.
    key = os.environ.get("LLM_API_KEY") or "none"
    llm = OpenAILike(
        model=name, api_base=base, api_key=key, is_chat_model=True, context_window=CONTEXT, **_openai_options(patience)
    )
    return _Backend(llm, _openai_errors())


def _gguf(file: Path, patience: float) -> _Backend:
    """llama.cpp's own server within this process, answering on loopback only."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel = str(file), CONTEXT, 1
    settings.ui, settings.warmup, settings.verbosity = False, False, -1
    server = xllamacpp.Server(settings)
    served = _like_openai(f"{server.listening_address}/v1", file.stem, patience)
    return _Backend(served.llm, served.errors, server)


def _openai_options(patience: float) -> dict[str, Any]:
    # Attempts are ours to count: a client that tries again on its own would do so beyond our patience.
    return {
        "temperature": 0.0,
        "max_tokens": MAX_TOKENS,
        "timeout": patience,
        "max_retries": 0,
        "additional_kwargs": {"stream_options": {"include_usage": True}},
    }


def _openai_errors() -> tuple[type[Exception], ...]:
    import httpx
    from openai import OpenAIError

    return OpenAIError, httpx.HTTPError, OSError, *_NO_REPLY


def _counts(reply: "ChatResponse") -> tuple[int, int] | None:
    """Tokens of the prompt and of the reply, where the server has told."""
    told = reply.raw.get("usage", {}) if isinstance(reply.raw, dict) else reply.additional_kwargs
    return (int(told["prompt_tokens"]), int(told["completion_tokens"])) if "completion_tokens" in told else None
