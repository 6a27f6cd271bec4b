import subprocess
import sys
from pathlib import Path

from rag.config import PROJECT

# Python's own audit events see every look-up and connection made through its socket module, in any library.
WATCHED = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        target = arguments[1] if event == "socket.connect" else arguments
        host = target[0] if isinstance(target, tuple) else target
        if host not in ("127.0.0.1", "::1", "localhost", None) and not str(host).startswith("/"):
            print(f"went out: {event} {target}", file=sys.stderr)
            raise OSError("blocked")
sys.addaudithook(watch)
from rag.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_whole_path_from_an_empty_store_to_an_answer_reaches_for_no_network(model_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for model in model_home.glob("packaged-*"):
        (home / model.name).symlink_to(model.resolve())
    environment = {"RAG_HOME": str(home), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, "ask", "Will US troops defend Ukraine?", "--json"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "went out" not in run.stderr
    assert '"declined": false' in run.stdout


def test_the_watch_itself_works(tmp_path: Path) -> None:
    code = WATCHED.split("from rag")[0] + "import socket; socket.create_connection(('203.0.113.1', 80))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "went out: socket.getaddrinfo" in run.stderr
