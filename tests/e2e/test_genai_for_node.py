"""npm's real `@google/genai`, and `ai` with its two providers, against the running stack."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.stack.stack_process import StackProcess
from tests.client_environments import NODE_PACKAGES, node_modules_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients"
EVENTS = [
    *("interaction.created", "interaction.status_update", "step.start", "step.delta", "step.delta"),
    *("step.stop", "interaction.completed"),
]


def outcomes_of(script: str, stack: StackProcess, picture: Path) -> dict[str, Any]:
    """Returns what came of each call of the script."""
    modules = node_modules_with(*NODE_PACKAGES)
    done = subprocess.run(
        ["node", str(CALLS / script), stack.state["api"], str(picture)],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("node") / "in.png"
    Image.new("RGB", (256, 256), "teal").save(path)
    return path


@pytest.fixture(scope="module")
def of_genai(stack: StackProcess, picture: Path) -> dict[str, Any]:
    return outcomes_of("genai_calls.mjs", stack, picture)


@pytest.fixture(scope="module")
def of_ai(stack: StackProcess, picture: Path) -> dict[str, Any]:
    return outcomes_of("ai_calls.mjs", stack, picture)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("generate", [[512, 512]]),
        ("edit", [[256, 256]]),
        ("chat_of_two_turns", [[[512, 512]], [[512, 512]]]),
        ("stream", [[512, 512]]),
        ("block", "SAFETY"),
        ("bad_size", ["ApiError", 400]),
        ("batch", ["boats", "boat", [[512, 512]], ["ApiError", 404]]),
        ("files", ["ACTIVE", "d", True, [[256, 256]], True, ["ApiError", 404]]),
        ("file_of_several_pieces", ["text/plain", str(9 * 2**20)]),
        ("interaction", [["completed", [512, 512]]] * 3),
        ("interaction_in_a_stream", [EVENTS, ["3", "10", "90", "99"]]),
        ("interaction_in_the_background", ["in_progress", "completed", "completed"]),
        ("interaction_that_is_canceled", ["cancelled", ["NotFoundError", 404]]),
        ("interaction_that_is_blocked", ["BadRequestError", 400]),
    ],
)
def test_googles_package_works_unchanged(of_genai: dict[str, Any], call: str, outcome: object) -> None:
    assert of_genai[call] == outcome


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("google_image", [1360, 768]),
        ("google_imagen", [[1024, 1024], [1024, 1024]]),
        ("google_text_with_files", [[[512, 512]], "stop"]),
        ("google_edit", [[256, 256]]),
        ("google_several_turns", [[512, 512]]),
        ("google_stream", [[512, 512]]),
        ("google_block", [0, "SAFETY"]),
        ("google_unknown_model", ["AI_APICallError", 404, "NOT_FOUND"]),
        ("openai_image", [512, 512]),
        ("openai_edit", [256, 256]),
        ("openai_responses", [1024, 1024]),
    ],
)
def test_the_ai_package_works_unchanged(of_ai: dict[str, Any], call: str, outcome: object) -> None:
    assert of_ai[call] == outcome
