"""``python -m worker``: pulls jobs from Pub/Sub until it is told to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from functions.contract.errors import PlantainError
from functions.contract.paused_collection import paused_collection
from functions.contract.settings import SettingsError
from functions.contract.telemetry import flush_telemetry
from functions.contract.telemetry.log import log
from worker.settings import WorkerSettings
from worker.watermark.watermark_keys import KeyMissing


def health_port(settings: WorkerSettings, environment: Mapping[str, str]) -> int | None:
    """Returns the port for probes: our own setting, or PORT, on which Cloud Run wants a service to listen."""
    if settings.health_port is not None:
        return settings.health_port
    port = environment.get("PORT", "")
    return int(port) if port.isdecimal() else None


def main() -> int:
    # Imported here because the engine process loads this file too, and needs none of these.
    with paused_collection():
        from worker.cold_start.start_parts import StartParts
        from worker.runtime.bootstrap import run_worker
        from worker.runtime.health import Health
        from worker.runtime.secret_values import with_secrets

    start = StartParts("process")
    try:
        with start.measure("settings"):
            # Into the environment, where the engine process and Google's clients look as well.
            os.environ.update(with_secrets(os.environ))
            settings = WorkerSettings.from_environment()
        health = Health()
        if (port := health_port(settings, os.environ)) is not None:
            from worker.runtime.health_server import HealthServer

            HealthServer(health, port).start()
        run_worker(settings, health=health, start=start)
    except (SettingsError, KeyMissing, PlantainError) as error:
        log("worker.cannot_start", "CRITICAL", reason=str(error))
        flush_telemetry()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
