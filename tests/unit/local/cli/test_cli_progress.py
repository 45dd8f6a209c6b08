"""The bar: it pulses until there is something to show, and never runs backwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rich.progress import Progress

from local.cli import progress
from local.client.api_client import PlantainClient


class Told(PlantainClient):
    """A service whose job is told of as it is given."""

    def __init__(self, *told: tuple[str, float]) -> None:
        super().__init__("http://127.0.0.1:1")
        self._told = told

    def follow(self, job_id: str) -> Iterator[dict[str, Any]]:
        for state, done in self._told:
            yield {"id": job_id, "state": state, "stage": "diffuse", "step": 1, "steps": 4, "progress": done}


def test_the_bar_pulses_at_first_and_never_runs_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[float | None, float]] = []

    def update(_self: Progress, _task: object, *, total: float | None, completed: float, **_: object) -> None:
        shown.append((total, completed))

    monkeypatch.setattr(Progress, "update", update)
    states = [("queued", 0.0), ("running", 0.0), ("running", 0.4), ("queued", 0.0), ("succeeded", 1.0)]
    ended = progress._follow_with_bar(Told(*states), "job_1")  # pyright: ignore[reportPrivateUsage] - on a terminal
    assert ended["state"] == "succeeded"
    assert shown == [(None, 0.0), (None, 0.0), (1.0, 0.4), (1.0, 0.4), (1.0, 1.0)]
