"""Vertex AI's batches through the real `google-genai` package, in its newest version and the one before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack_process import StackProcess
from tests.client_environments import GOOGLE_GENAI, python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "genai_vertex_batch_calls.py"
REFUSED = [400, "INVALID_ARGUMENT"]


@pytest.fixture(scope="module", params=list(GOOGLE_GENAI))
def outcomes(request: pytest.FixtureRequest, stack: StackProcess) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    settings = stack.state["environment"]
    buckets = [settings[f"PLANTAIN_{name}_BUCKET"] for name in ("UPLOADS", "RESULTS")]
    addresses = [stack.state["api"], settings["STORAGE_EMULATOR_HOST"]]
    command = [str(python_with(*GOOGLE_GENAI[request.param])), str(CALLS), *addresses, *buckets]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (
            "drawn",
            {
                "begun": True,
                "over": ["JOB_STATE_SUCCEEDED", "boats", True],
                "model": "publishers/google/models/gemini-3.1-flash-image",
                "dest": True,
                "source": True,
                "counts": [2, 1],
                "sizes": [[512, 512]] * 3,
                "requests": True,
                "statuses": ["", "", "Bad Request"],
            },
        ),
        ("canceled", "JOB_STATE_CANCELLED"),
        ("listed", ["canceled.jsonl", "drawn.jsonl"]),
        ("deleted", [True, [404, "NOT_FOUND"]]),
        ("refused", [REFUSED] * 4),
        ("unknown_model", [404, "NOT_FOUND"]),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
