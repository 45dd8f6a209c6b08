"""Stages that kill their worker with SIGKILL, once for each job that asks for it, where the job says."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from functions.contract.document import now
from functions.contract.request import JobRequest
from worker.settings import WorkerSettings
from worker.stages.pipeline import STAGES, Stage, Tools, plan_lanes
from worker.stages.work import Work

LABEL = "test.kill"
COMMIT_POINTS = ("images", "manifest", "record")
GENERATION = Work(
    job_id="",
    request=JobRequest(task="generate", prompt="a red boat"),
    model="mock",
    width=512,
    height=512,
    seed=0,
    attempt=1,
    deadline=now(),
)
POINTS = (*(stage.name for stage in STAGES if stage.applies(GENERATION)), *COMMIT_POINTS)
STRUCK = "PLANTAIN_TEST_STRUCK"


def strike(job_id: str, labels: dict[str, str], point: str, worker: int) -> None:
    """Kills the worker if the job asks for it here, once for each job."""
    if labels.get(LABEL) != point:
        return
    try:
        (Path(os.environ[STRUCK]) / job_id).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(worker, signal.SIGKILL)
    signal.pause()


def mortal(stage: Stage[Tools], worker: Callable[[], int]) -> Stage[Tools]:
    def run_stage(work: Work, tools: Tools) -> Work:
        strike(work.job_id, work.request.labels, stage.name, worker())
        return stage.run(work, tools)

    return replace(stage, run=run_stage)


def mortal_engine(connection: Connection, settings: WorkerSettings) -> None:
    """Serves the lane ``engine``. As in ``worker.stage_processes.targets``, only its process imports it."""
    from worker.stage_processes.engine_server import run_engine_server

    run_engine_server(connection, settings, [mortal(stage, os.getppid) for stage in plan_lanes().engine])


def mortal_marking(connection: Connection, settings: WorkerSettings) -> None:
    """Serves the lane ``marking``."""
    from worker.stage_processes.marking_server import run_marking_server

    run_marking_server(connection, settings, [mortal(stage, os.getppid) for stage in plan_lanes().marking])
