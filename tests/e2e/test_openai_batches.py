"""Batches through the real `openai` package, against the running stack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack_process import StackProcess
from tests.client_environments import python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "openai_batch_calls.py"


@pytest.fixture(scope="module")
def outcomes(stack: StackProcess) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    command = [str(python_with("openai==3.57.0")), str(CALLS), stack.state["api"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_batch_goes_the_whole_way(outcomes: dict[str, Any]) -> None:
    assert outcomes["whole_way"] == {
        "begun": "validating",
        "over": "completed",
        "metadata": {"team": "sea"},
        "counts": [2, 1, 1],
        "good": ["boat", 200, None],
        "size": [512, 512],
        "bad": ["bad", 400],
        "why": "size",
        "kept": "batch_output",
    }


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("url_lines", "image/png"),
        ("streamed_to_a_file", [True, ["0", "1", "2"], 2]),
        ("edits", [512, 512]),
        ("chat", "image_url"),
        ("responses", "image_generation_call"),
        ("faulty_file", ["failed", "duplicate_custom_id", 2, None]),
        ("canceled", ["cancelling", "cancelled", 0, True]),
        ("listed", [True, True]),
        (
            "errors",
            [
                ["NotFoundError", 404, None],
                ["BadRequestError", 400, "input_file_id"],
                ["NotFoundError", 404, None],
            ],
        ),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
