"""What every process of the stack leaves out at its start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from local.stack.parent_watchdog import watched_command

PROGRAM = """
import sys, httpx
httpx.Client().close()
print(*({"rich", "pygments"} & set(sys.modules)) or ["light"])
"""


def test_httpx_comes_without_its_command_line(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    search = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[3])])
    ended = subprocess.Popen(
        watched_command("program"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": search},
        start_new_session=True,
    )
    assert ended.stdout and ended.stdin
    assert ended.stdout.read().strip() == "light"
    ended.stdin.close()
    ended.stdout.close()
    ended.wait()
