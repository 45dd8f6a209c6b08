"""The real `langchain-google-genai` against the running stack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.stack.stack_process import StackProcess
from tests.client_environments import GOOGLE_GENAI, python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "langchain_google_calls.py"


@pytest.fixture(scope="module")
def outcomes(stack: StackProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    python = python_with(*GOOGLE_GENAI["3.6.1"])
    picture = tmp_path_factory.mktemp("langchain") / "in.png"
    Image.new("RGB", (256, 256), "teal").save(picture)
    command = [str(python), str(CALLS), stack.state["api"], str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("generate", [[512, 512]]),
        ("edit", [[256, 256]]),
        ("several_turns", [[[688, 384]], [[688, 384]]]),
        ("words_of_turns", [[512, 512]]),
        ("stream", [[512, 512]]),
        ("block", ["", "SAFETY"]),
        ("bad_size", ["GoogleInvalidRequestError", True]),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
