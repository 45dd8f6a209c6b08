"""litellm and langchain-openai, which speak OpenAI's interface, against the running stack."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.stack.stack_process import StackProcess
from tests.client_environments import python_with
from tests.eventually import PATIENCE

CALLS = Path(__file__).parent / "clients" / "litellm_calls.py"


@pytest.fixture(scope="module")
def outcomes(stack: StackProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each call."""
    python = python_with("litellm==1.110.2", "langchain-openai==1.7.4")
    picture = tmp_path_factory.mktemp("gateways") / "in.png"
    Image.new("RGB", (256, 256), "teal").save(picture)
    command = [str(python), str(CALLS), stack.state["api"], str(picture)]
    environment = {
        **os.environ,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }  # else it asks another host for prices
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("litellm_generation", [512, 512]),
        ("litellm_edit", [256, 256]),
        ("litellm_chat", [1024, 1024]),
        ("litellm_bad_size", [400, True]),
        ("langchain_tool", [512, 512]),
    ],
)
def test_the_packages_work_unchanged(outcomes: dict[str, Any], call: str, outcome: object) -> None:
    assert outcomes[call] == outcome
