"""A worker that kills itself with SIGKILL once for each job that asks for it, where the job says.

``python -m tests.e2e.event_path.mortal DIRECTORY``: the directory remembers who has struck already.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from functions.contract.document import now
from functions.contract.job import JobRecord
from functions.contract.manifest import Manifest
from functions.contract.request import JobRequest
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import StoredJob
from worker.job_io.results import ResultWriter
from worker.runtime.bootstrap import run_worker
from worker.runtime.build_dependencies import build_dependencies
from worker.runtime.dependencies import RunnerDependencies
from worker.settings import WorkerSettings
from worker.stage_processes.engine_server import run_engine_server
from worker.stage_processes.marking_server import run_marking_server
from worker.stage_processes.process_pool import ProcessPool
from worker.stage_processes.stage_process import StageProcess
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


class MortalEndings(JobCommitter):
    def commit(self, manifest: Manifest) -> Manifest:
        self._strike(manifest, "images")
        standing = super().commit(manifest)
        self._strike(standing, "manifest")
        return standing

    def settle(self, manifest: Manifest, known: StoredJob | None = None) -> JobRecord:
        record = super().settle(manifest, known)
        self._strike(manifest, "record")
        return record

    def _strike(self, manifest: Manifest, point: str) -> None:
        strike(manifest.job_id, manifest.origin.request.labels, point, os.getpid())


def build_mortal_dependencies(
    settings: WorkerSettings, engine: StageProcess, marking: ProcessPool
) -> RunnerDependencies:
    dependencies = build_dependencies(settings, engine, marking)
    committer = MortalEndings(dependencies.committer.store, dependencies.committer.results)
    return replace(
        dependencies,
        committer=committer,
        results=ResultWriter(committer, committer.store.bucket),
        lanes=replace(
            dependencies.lanes,
            intake=tuple(mortal(stage, os.getpid) for stage in dependencies.lanes.intake),
            finish=tuple(mortal(stage, os.getpid) for stage in dependencies.lanes.finish),
        ),
    )


def mortal_engine(connection: Connection, settings: WorkerSettings) -> None:
    run_engine_server(connection, settings, [mortal(stage, os.getppid) for stage in plan_lanes().engine])


def mortal_marking(connection: Connection, settings: WorkerSettings) -> None:
    run_marking_server(connection, settings, [mortal(stage, os.getppid) for stage in plan_lanes().marking])


if __name__ == "__main__":
    os.environ[STRUCK] = sys.argv[1]
    run_worker(WorkerSettings.from_environment(), build_mortal_dependencies, mortal_engine, mortal_marking)
