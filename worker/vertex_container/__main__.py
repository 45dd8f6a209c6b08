"""``python -m worker.vertex_container``: runs the jobs that Vertex AI sends, until it is told to stop."""

from __future__ import annotations

import os
import sys

from functions.contract.errors import PlantainError
from functions.contract.settings import SettingsError
from functions.contract.telemetry.log import log
from worker.settings import WorkerSettings
from worker.watermark.watermark_keys import KeyMissing


def main() -> int:
    # Imported here because the engine process loads this file too, and needs none of these.
    from worker.cold_start.start_parts import StartParts
    from worker.runtime.batch_planner import count_jobs_in_flight
    from worker.runtime.bootstrap import run_worker
    from worker.runtime.dependencies import RunnerDependencies
    from worker.runtime.health import Health
    from worker.runtime.http_listener import ALL_INTERFACES
    from worker.runtime.job_source import JobSource
    from worker.runtime.runner import Runner
    from worker.runtime.secret_values import with_secrets
    from worker.vertex_container.aip_environment import AipEnvironment, with_artifacts
    from worker.vertex_container.http_server import PredictionServer
    from worker.vertex_container.predictions import Predictions

    health, start = Health(), StartParts("process")
    try:
        with start.measure("settings"):
            # Into the environment, where the engine process and Google's clients look as well.
            os.environ.update(with_secrets(with_artifacts(os.environ)))
            settings = WorkerSettings.from_environment()
        host = "127.0.0.1" if settings.is_local else ALL_INTERFACES
        server = PredictionServer(AipEnvironment.from_environment(os.environ), host, health)
        server.listen()

        def build_source(
            settings: WorkerSettings, runner: Runner, dependencies: RunnerDependencies
        ) -> JobSource:
            in_flight = count_jobs_in_flight(settings.jobs_in_flight, dependencies.engine.pass_limits)
            server.predictions = Predictions(runner.accept, dependencies.committer, in_flight)
            return server

        run_worker(settings, build_source=build_source, health=health, start=start)
    except (SettingsError, KeyMissing, PlantainError) as error:
        log("worker.cannot_start", "CRITICAL", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
