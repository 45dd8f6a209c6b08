"""What tests of ``plantain up`` do with a stack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.stack.stack_process import StackProcess
from tests.eventually import PATIENCE
from tests.mock_stack import CHEAP

ROOT = Path(__file__).parents[2]


def up(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs ``plantain up`` until it ends by itself."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
    return subprocess.run(
        [sys.executable, "-m", "local.cli", "up", "--data", str(data), "--model", "mock", *arguments],
        env={**inherited, **CHEAP, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def generate(stack: StackProcess) -> dict[str, Any]:
    """Draws a picture, and returns the job that has ended."""
    with stack.client() as client:
        return client.wait(client.create({"task": "generate", "prompt": "a boat", "size": "512"})["id"])
