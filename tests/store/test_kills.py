import os
import subprocess
import sys
from pathlib import Path

from rag.config import PROJECT


def test_a_writer_killed_at_any_instant_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    kills = os.environ.get("KILLS", "10")
    command = [sys.executable, "-W", "ignore", "-m", "tests.store.kills", "--kills", kills, str(tmp_path)]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{kills} kills" in run.stdout
