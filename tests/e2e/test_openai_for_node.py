"""npm's real `openai` against the running stack."""

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

CALLS = Path(__file__).parent / "clients" / "openai_calls.mjs"


@pytest.fixture(scope="module")
def outcomes(stack: StackProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each call."""
    modules, folder = node_modules_with(*NODE_PACKAGES), tmp_path_factory.mktemp("node")
    Image.new("RGB", (256, 256), "teal").save(folder / "in.png")
    mask = Image.new("RGBA", (256, 256), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (64, 64, 192, 192))
    mask.save(folder / "mask.png")
    done = subprocess.run(
        ["node", str(CALLS), stack.state["api"], str(folder / "in.png"), str(folder / "mask.png")],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("generate", [512, 512]),
        ("edit_of_a_stream_from_disk", [256, 256]),
        ("edit_with_mask_and_reference", [256, 256]),
        ("stream", ["image_generation.partial_image", "image_generation.completed"]),
        ("models", ["starter", "mock"]),
        ("bad_size", ["BadRequestError", 400, "invalid_value", "size"]),
        ("responses", [512, 512]),
        ("batch", ["boat", [512, 512]]),
    ],
)
def test_the_package_works_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
