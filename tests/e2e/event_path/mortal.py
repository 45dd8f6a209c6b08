"""A worker that kills itself with SIGKILL once for each job that asks for it, where the job says."""

from __future__ import annotations

import os
from dataclasses import replace

from functions.contract.job import JobRecord
from functions.contract.manifest import Manifest
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import StoredJob
from tests.e2e.event_path.mortal_stages import STRUCK, mortal, mortal_engine, mortal_marking, strike
from worker.job_io.results import ResultWriter
from worker.runtime.bootstrap import run_worker
from worker.runtime.build_dependencies import build_dependencies
from worker.runtime.dependencies import RunnerDependencies
from worker.settings import WorkerSettings
from worker.stage_processes.process_pool import ProcessPool
from worker.stage_processes.stage_process import StageProcess


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


def run_mortal(directory: str) -> None:
    """Runs the worker. The directory remembers who has struck already.

    ``mortal_main`` is the main module: the worker's processes import that again, and need nothing of this.
    """
    os.environ[STRUCK] = directory
    run_worker(WorkerSettings.from_environment(), build_mortal_dependencies, mortal_engine, mortal_marking)
