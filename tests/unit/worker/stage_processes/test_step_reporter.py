"""The reports of a drawing's steps, and the previews in them."""

from __future__ import annotations

from multiprocessing import Pipe
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from worker.stage_processes import step_reporter
from worker.stage_processes.messages import StageReport
from worker.stage_processes.step_reporter import StepReporter
from worker.stage_processes.transfer import receive_object


def reports_of(monkeypatch: pytest.MonkeyPatch, *steps: tuple[float, int, bool]) -> list[StageReport]:
    """What is sent for steps of four, each at a time in seconds, with a preview or without."""
    times = iter([0.0, *(at for at, _, _ in steps)])
    monkeypatch.setattr(step_reporter, "time", SimpleNamespace(monotonic=lambda: next(times)))
    ours, theirs = Pipe()
    reporter = StepReporter(ours, "job_1")
    for _, step, has_preview in steps:
        reporter.on_step(step, 4, (lambda: np.zeros((16, 16, 3), np.float32)) if has_preview else None)
    found: list[Any] = []
    while theirs.poll():
        found.append(receive_object(theirs))
    return found


def test_a_preview_that_is_due_is_sent_though_a_step_was_reported_just_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = reports_of(monkeypatch, (1.4, 0, False), (1.5, 1, True))
    assert first.preview is None
    assert (second.step, str(second.preview)[:23]) == (1, "data:image/jpeg;base64,")


def test_steps_and_previews_are_reported_no_more_often_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    found = reports_of(monkeypatch, (1.5, 1, True), (1.6, 2, True), (2.0, 3, True), (2.1, 4, True))
    assert [(report.step, report.preview is not None) for report in found] == [
        *((1, True), (3, False)),
        (4, False),
    ]
