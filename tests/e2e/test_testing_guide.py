"""What docs/testing.md shows runs as it stands, against the running stack."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from local.stack.stack_process import StackProcess
from tests.client_environments import GOOGLE_GENAI, python_with
from tests.eventually import PATIENCE

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
WITH_OPENAI, WITH_GENAI = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def run(stack: StackProcess, *command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PLANTAIN_URL": stack.state["api"], "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        [str(each) for each in command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_tests_with_openais_client_pass(stack: StackProcess, tmp_path: Path) -> None:
    file = tmp_path / "test_app.py"
    file.write_text(WITH_OPENAI, "utf-8")
    python = python_with("openai==3.57.0", "pytest==9.2.0")
    done = run(stack, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, file)
    assert done.returncode == 0, done.stdout
    assert f"{WITH_OPENAI.count('def test_')} passed" in done.stdout


def test_a_block_is_seen_by_googles_client(stack: StackProcess) -> None:
    done = run(stack, python_with(*GOOGLE_GENAI["3.6.1"]), "-c", WITH_GENAI)
    assert done.returncode == 0, done.stderr
    assert "block_reason" in done.stdout
