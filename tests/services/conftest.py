"""Real servers for tests: PostgreSQL as an unprivileged user, Chroma, a Ray cluster of two nodes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.2)
    pytest.fail(f"no server came up: {server.args!r}")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A new PostgreSQL that belongs to `nobody`, as PostgreSQL refuses to run as root; its URL."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    user = "nobody" if os.geteuid() == 0 else None
    folder, port = Path(mkdtemp(prefix="kutip-postgresql-")), free_port()
    if user:
        shutil.chown(folder, user)
    make = [programs / "initdb", "-D", folder / "data", "-U", "kutip", "--auth=trust", "--no-sync"]
    subprocess.run(make, user=user, check=True, capture_output=True)
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
    with subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(port, server)
        yield f"postgresql://kutip@127.0.0.1:{port}/postgres"
        server.send_signal(signal.SIGINT)  # a fast end: it does not wait for clients that a failed test left
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`chroma run`; its address."""
    port = free_port()
    command = [BIN / "chroma", "run", "--path", tmp_path_factory.mktemp("chroma"), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
