"""Every command that makes pictures takes an exact size and a quality, and sends them as they were given."""

from __future__ import annotations

from typing import Any, Self

import pytest
from typer.testing import CliRunner

from functions.contract.request import JobRequest
from local.cli.app import build_app
from local.client.api_client import PlantainClient

EXACT = ("--width", "640", "--height", "320", "--format", "webp", "--quality", "35")
COMMANDS = {
    "generate": ("generate", "a red boat"),
    "edit": ("edit", "gs://b/a.png", "make it blue"),
    "outpaint": ("outpaint", "gs://b/a.png"),
    "upscale": ("upscale", "gs://b/a.png"),
    "sequence": ("sequence", "a cat", "a dog"),
}


class Listener:
    """Keeps what it is asked for, and estimates nothing."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        return {"estimate": {}}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    listening = Listener()
    monkeypatch.setattr(PlantainClient, "from_environment", lambda: listening)
    return listening


@pytest.mark.parametrize("task", COMMANDS)
def test_a_command_takes_an_exact_size_and_a_quality(task: str, listener: Listener) -> None:
    result = CliRunner().invoke(build_app(), [*COMMANDS[task], *EXACT, "--dry-run"])
    assert result.exit_code == 0, result.output
    request = JobRequest.model_validate(listener.asked[0])
    assert request.task == task
    assert (request.width, request.height, request.format, request.quality) == (640, 320, "webp", 35)


def test_what_is_not_given_is_not_sent(listener: Listener) -> None:
    assert CliRunner().invoke(build_app(), ["generate", "a red boat", "--dry-run"]).exit_code == 0
    assert listener.asked == [{"task": "generate", "prompt": "a red boat", "dry_run": True}]
