"""Jobs that the engine process refuses before any stage has worked for them."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from functions.contract.errors import UnsupportedSize
from tests.unit.worker.stages.making import work
from worker.settings import WorkerSettings
from worker.stage_processes.engine_server import EngineServer
from worker.stage_processes.messages import JobDone, JobFailed
from worker.stage_processes.transfer import receive_object
from worker.stages.work import Work

TOO_SMALL = 320  # pixels of a side


def answer(data: Path, job: Work) -> JobDone | JobFailed:
    """What the engine process says of a job, where the mark has to be robust. It has no stages."""
    settings = WorkerSettings(
        profile="local",
        project="p",
        uploads_bucket="uploads",
        results_bucket="results",
        jobs_bucket="jobs",
        models={"mock": "mock"},
        default_model="mock",
        data=data,
        watermark_key="00" * 32,
        device="cpu",
        watermark_proof="robust",
    )
    ours, its = Pipe()
    EngineServer(its, settings, ()).run([replace(job, model="mock")])
    said = receive_object(ours)
    assert isinstance(said, JobDone | JobFailed)
    return said


@pytest.mark.parametrize("task", ["generate", "upscale"])
def test_a_picture_too_small_for_the_mark_is_never_begun(tmp_path: Path, task: str) -> None:
    fields: dict[str, Any] = {"prompt": None, "images": [{"uri": "gs://in/a.png"}], "size": "512"}
    asked = work(TOO_SMALL, TOO_SMALL, task=task, **(fields if task == "upscale" else {}))
    said = answer(tmp_path, asked)
    assert isinstance(said, JobFailed)
    assert isinstance(said.error, UnsupportedSize)


def test_a_larger_one_is_taken(tmp_path: Path) -> None:
    assert isinstance(answer(tmp_path, work(TOO_SMALL + 16, TOO_SMALL)), JobDone)
