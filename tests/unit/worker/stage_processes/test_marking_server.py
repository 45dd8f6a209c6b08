"""The marking process marks what another process drew, is stopped between two stages, and is replaced."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from functions.contract.errors import Canceled, EngineFailed
from tests.unit.worker.stages.making import KEY, LANES, noise, work
from worker.settings import WorkerSettings
from worker.stage_processes.job_run import JobCallbacks
from worker.stage_processes.marking_server import MarkingServer, run_marking_server
from worker.stage_processes.messages import JobDone, StageReport
from worker.stage_processes.stage_process import StageProcess
from worker.stage_processes.transfer import receive_object
from worker.stages.pipeline import Stage
from worker.stages.tools import MarkingTools
from worker.stages.visible_mark import draw_visible_mark
from worker.stages.work import PictureInProgress, Work
from worker.watermark import Watermarker

SIDE = 512


def settings(data: Path) -> WorkerSettings:
    return WorkerSettings(
        profile="local",
        project="p",
        uploads_bucket="uploads",
        results_bucket="results",
        jobs_bucket="jobs",
        models={"mock": "mock"},
        default_model="mock",
        data=data,
        watermark_key=KEY.hex(),
        device="cpu",
    )


def run_without_watermark(connection: Connection, settings: WorkerSettings) -> None:
    stages = [stage for stage in LANES.marking if stage.name != "watermark"]
    run_marking_server(connection, settings, [*stages, Stage("watermark", 1, "cpu", pause, is_to_pause)])


def is_to_pause(job: Work) -> bool:
    return bool(job.request.labels)


def pause(job: Work, tools: MarkingTools) -> Work:
    """Never comes to an end."""
    del tools
    signal.pause()
    return job


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Generator[StageProcess]:
    """A marking process that draws visible marks alone."""
    process = StageProcess("marking", settings(tmp_path_factory.mktemp("data")), run_without_watermark)
    process.start()
    yield process
    process.stop()


def drawn(rgb: np.ndarray, **request: Any) -> Work:
    job = work(SIDE, SIDE, **request)
    job.pictures = [PictureInProgress(n=0, seed=7, rgb=rgb)]
    return job


def callbacks(seen: list[str], stop_at: str | None = None) -> JobCallbacks:
    def hear(report: StageReport) -> None:
        seen.append(report.stage or "")

    def raise_if_stopped() -> None:
        if stop_at in seen:
            raise Canceled

    return JobCallbacks(raise_if_stopped, hear)


def test_a_picture_is_marked_and_its_mask_stays_there(tmp_path: Path) -> None:
    ours, its = Pipe()
    clouds = cv2.GaussianBlur(noise(SIDE, SIDE), (0, 0), 3)
    job = drawn(np.clip(clouds * 4 - 1.5, 0, 1).astype(np.float32))
    MarkingServer(its, settings(tmp_path)).run([job])
    done = [receive_object(ours) for _ in range(3)][-1]
    assert isinstance(done, JobDone)
    facts = done.work.pictures[0].watermark
    assert facts is not None
    assert done.work.mask is None
    assert Watermarker(KEY, 1).detect(done.work.pictures[0].rgb).payload == int(facts.payload, 16)


def test_what_was_sent_may_be_let_go_of(quick: StageProcess) -> None:
    rgb = noise(SIDE, SIDE)
    job = drawn(rgb, visible_mark=True)
    sent = JobCallbacks(lambda: None, lambda _: None, on_sent=job.drop_pixels)
    np.testing.assert_array_equal(quick.run(job, sent).pictures[0].rgb, draw_visible_mark(rgb))
    assert job.pictures[0].rgb.size == 0


def test_a_canceled_job_stops_and_the_next_one_is_marked(quick: StageProcess) -> None:
    first, seen = quick.pid, list[str]()
    with pytest.raises(Canceled):
        quick.run(drawn(noise(SIDE, SIDE)), callbacks([], stop_at="screen_output"))
    quick.run(drawn(noise(SIDE, SIDE), visible_mark=True), callbacks(seen))
    assert seen == ["screen_output", "visible_mark"]
    assert quick.pid == first


def test_one_that_dies_fails_its_job_and_is_replaced(quick: StageProcess) -> None:
    def die(report: StageReport) -> None:
        if report.stage == "watermark":
            assert quick.pid is not None
            os.kill(quick.pid, signal.SIGKILL)

    with pytest.raises(EngineFailed, match="marking process died"):
        quick.run(drawn(noise(SIDE, SIDE), labels={"pause": "yes"}), JobCallbacks(lambda: None, die))
    rgb = noise(SIDE, SIDE)
    np.testing.assert_array_equal(quick.run(drawn(rgb), callbacks([])).pictures[0].rgb, rgb)
