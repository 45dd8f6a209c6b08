"""The tests say the same whatever the shell handed down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# What a test sees, and what a process sees that the test starts.
PROGRAM = """
import os, signal, subprocess, sys
import tests.conftest
left = sorted({"PLANTAIN_URL", "PORT"} & set(os.environ))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, left)
looks = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
print(subprocess.check_output([sys.executable, "-c", looks], text=True).strip())
"""


def test_a_shell_that_ignores_interrupts_changes_nothing() -> None:
    script = 'trap \'\' INT TERM HUP; PLANTAIN_URL=https://elsewhere PORT=1 exec "$0" -c "$1"'
    command = ["sh", "-c", script, sys.executable, PROGRAM]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["True []", "True"], ran.stderr
