"""Batches through the real `google-genai` package, in its newest version and the one before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack_process import StackProcess
from tests.client_environments import GOOGLE_GENAI, python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "genai_batch_calls.py"


@pytest.fixture(scope="module", params=list(GOOGLE_GENAI))
def outcomes(request: pytest.FixtureRequest, stack: StackProcess) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    command = [str(python_with(*GOOGLE_GENAI[request.param])), str(CALLS), stack.state["api"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (
            "inline",
            {
                "begun": True,
                "over": ["JOB_STATE_SUCCEEDED", "boats", "models/gemini-3.1-flash-image", True],
                "metadata": [{"key": "boat"}, None],
                "sizes": [[[512, 512]], [[512, 512], [512, 512]]],
            },
        ),
        ("errors_of_lines", [3, True, True]),
        ("file", ["JOB_STATE_SUCCEEDED", ["one", "two"], "image/png", 3]),
        ("canceled", "JOB_STATE_CANCELLED"),
        ("listed", [True, True]),
        ("deleted", [404, "NOT_FOUND"]),
        ("unknown_model", [404, "NOT_FOUND"]),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
