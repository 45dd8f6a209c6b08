"""The real `google-genai` package against the running stack, in its newest version and the one before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack_process import StackProcess
from tests.client_environments import GOOGLE_GENAI, python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "genai_calls.py"

EVENTS = [
    *("interaction.created", "interaction.status_update", "step.start", "step.delta", "step.delta"),
    *("step.stop", "interaction.completed"),
]


@pytest.fixture(scope="module", params=list(GOOGLE_GENAI))
def outcomes(request: pytest.FixtureRequest, stack: StackProcess) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    python = python_with(*GOOGLE_GENAI[request.param])
    command = [str(python), str(CALLS), stack.state["api"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("generate", [[[512, 512]], "STOP", True]),
        ("two_candidates_of_a_ratio", [[688, 384], [688, 384]]),
        ("edit", [[256, 256]]),
        ("chat_of_two_turns", [[[512, 512]], [[512, 512]]]),
        ("stream", [[[512, 512]], True]),
        ("block", "SAFETY"),
        ("bad_size", ["ClientError", 400, "INVALID_ARGUMENT", True]),
        ("unknown_model", ["ClientError", 404, "NOT_FOUND", True]),
        ("video", [[None, True], None, "ftyp", True]),
        ("video_refusals", [["ClientError", 400, "INVALID_ARGUMENT", True]] * 5),
        ("models", ["models/starter", "models/mock"]),
        ("count_tokens", 3),
        ("words_of_earlier_turns", [[512, 512]]),
        ("files", ["d", "text/plain", True, "ACTIVE", True, True, [404, "NOT_FOUND"]]),
        ("edit_of_an_uploaded_file", [[256, 256]]),
        ("interaction", [[512, 512], True, "completed", "completed", True]),
        ("interaction_of_an_input", [[256, 256], [256, 256]]),
        ("interaction_in_a_stream", [EVENTS, ["3", "10", "90", "99"]]),
        (
            "interaction_with_previews",
            [["thought", "model_output"], ["thought_summary", "text", "image"], True, [512, 512]],
        ),
        (
            "interaction_in_the_background",
            ["in_progress", "interaction.completed", "completed", [1024, 1024]],
        ),
        ("interaction_that_is_canceled", ["cancelled", ["NotFoundError", 404]]),
        (
            "interaction_errors",
            [["BadRequestError", 400], ["BadRequestError", 400], ["NotFoundError", 404]],
        ),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
