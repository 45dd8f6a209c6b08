"""The real `openai` package against the running stack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack_process import StackProcess
from tests.client_environments import python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "openai_calls.py"
BLOCKED = "moderation_blocked"


@pytest.fixture(scope="module")
def outcomes(stack: StackProcess) -> dict[str, Any]:
    """What came of each call; all are made by one process, since importing the package takes seconds."""
    python = python_with("openai==3.57.0", "pytest==9.2.0")
    command = [str(python), str(CALLS), stack.state["api"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("generate", {"size": [512, 512], "said": "512x512", "request_id": True}),
        ("two_pictures_with_everything", ["WEBP", "WEBP"]),
        ("url", "image/png"),
        ("edit_with_mask", [256, 256]),
        ("edit_with_markup", [256, 256]),
        ("edit_of_bytes_and_a_reference", [256, 256]),
        ("variation", 2),
        ("stream_of_an_edit", "image_edit.completed"),
        ("stream_with_a_block", ["APIError", None, BLOCKED, None, None]),
        ("block", ["BadRequestError", 400, BLOCKED, None, True]),
        ("bad_size", ["BadRequestError", 400, "invalid_value", "size", True]),
        ("unknown_model", ["NotFoundError", 404, "model_not_found", "model", True]),
        ("timeouts_with_repeats", [512, 512]),
        ("models", ["starter", "mock", "gpt-image-2"]),
        ("chat", [512, 512]),
        ("chat_stream", 1),
        ("responses_over_two_turns", [[[512, 512], "generate"], [[512, 512], "edit"]]),
        ("responses_stream", ["response.created", "response.completed", [512, 512]]),
        ("azure", [512, 512]),
        ("without_v1", [512, 512]),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome


def test_a_stream_has_real_partial_pictures(outcomes: dict[str, Any]) -> None:
    found = outcomes["stream"]
    *partial, last = found["types"]
    assert 1 <= len(partial) <= 2
    assert set(partial) == {"image_generation.partial_image"}
    assert (last, found["last"], found["jpeg"], found["usage"]) == (
        *("image_generation.completed", [512, 512]),
        *(True, True),
    )


def test_a_picture_is_known_by_its_watermark(outcomes: dict[str, Any]) -> None:
    ours, foreign = outcomes["provenance"][:2], outcomes["provenance"][2:]
    assert ours[1] == ["synthid", "detected"]
    assert foreign == [["c2pa", "not_detected"], ["synthid", "not_detected"]]


def test_repeats_after_timeouts_are_one_job(outcomes: dict[str, Any], stack: StackProcess) -> None:
    assert outcomes["timeouts_with_repeats"] == [512, 512]
    with stack.client() as client:
        jobs = client.jobs(labels=("case:repeats",))
    assert len(jobs["jobs"]) == 1
