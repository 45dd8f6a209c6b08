"""``python -m worker``: pulls jobs from Pub/Sub until it is told to stop."""

from __future__ import annotations

import sys

from functions.contract.errors import PlantainError
from functions.contract.log import log
from functions.contract.settings import SettingsError
from worker.keys import KeyMissing
from worker.settings import WorkerSettings


def main() -> int:
    # Not above: the engine process imports this file as well, and needs nothing of it.
    from worker.bootstrap import run

    try:
        run(WorkerSettings.from_environment())
    except (SettingsError, KeyMissing, PlantainError) as error:
        log("worker.cannot_start", "CRITICAL", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
