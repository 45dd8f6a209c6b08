"""``python -m worker.serve``: works off jobs that Vertex AI brings, until it is told to stop."""

from __future__ import annotations

import os
import sys

from functions.contract.errors import PlantainError
from functions.contract.settings import SettingsError
from functions.contract.telemetry.log import log
from worker.settings import WorkerSettings
from worker.watermark.watermark_keys import KeyMissing


def main() -> int:
    # Not above: the engine process imports this file as well, and needs nothing of it.
    from worker.runtime.bootstrap import run
    from worker.runtime.dependencies import RunnerDependencies
    from worker.runtime.health import OUTSIDE, Health
    from worker.runtime.job_source import JobSource
    from worker.runtime.runner import Runner
    from worker.runtime.secret_values import with_secrets
    from worker.serve.aip_environment import AipEnvironment, with_artifacts
    from worker.serve.http_server import PredictionServer
    from worker.serve.predictions import Predictions

    health = Health()
    try:
        # Into the environment, where the engine process and Google's clients look as well.
        os.environ.update(with_secrets(with_artifacts(os.environ)))
        settings = WorkerSettings.from_environment()
        host = "127.0.0.1" if settings.is_local else OUTSIDE  # nobody calls a laptop
        door = PredictionServer(AipEnvironment.from_environment(os.environ), host, health)
        door.listen()

        def source(settings: WorkerSettings, runner: Runner, parts: RunnerDependencies) -> JobSource:
            return door.admits(Predictions(runner.accept, parts.committer, settings.jobs_in_flight))

        run(settings, make_source=source, health=health)
    except (SettingsError, KeyMissing, PlantainError) as error:
        log("worker.cannot_start", "CRITICAL", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
