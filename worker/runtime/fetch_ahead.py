"""Begins to bring the models' files near while the engine's process still imports its libraries.

The parent process does it, which has nothing else to do then. In the engine's process the imports and the
download would wait for each other at Python's lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from functions.contract.errors import PlantainError
from worker.cold_start.read_ahead import read_ahead
from worker.engines.diffusion.bucket import download_prefix
from worker.engines.diffusion.room import is_mounted
from worker.engines.free_memory import available_bytes
from worker.settings import WorkerSettings, model_directory

_SHARE = 0.5  # of the free memory, for a mounted model: the loaded one needs the rest


class FetchAhead:
    """Brings the files of the models that the worker warms up. Failures are the engine's to tell."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._is_over = threading.Event()
        self._stops: list[Callable[[], None]] = [self._is_over.set]
        self._thread = threading.Thread(target=self._run, name="fetch-ahead", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends what is still being fetched."""
        for stop in tuple(self._stops):
            stop()

    def _run(self) -> None:
        settings = self._settings
        for model in settings.warm_models or (settings.default_model,):
            source = settings.models.get(model, "")
            if source.startswith("gs://"):
                self._download(source, settings.data / "models" / "gs")
            elif model_directory(source).is_dir() and is_mounted(model_directory(source)):
                read_ahead(model_directory(source), int(_SHARE * available_bytes()), self._is_over)

    def _download(self, source: str, cache: Path) -> None:
        try:
            download, _ = download_prefix(source, cache)
            self._stops.append(download.stop)
            if self._is_over.is_set():
                download.stop()
            download.wait()
        except PlantainError:
            return
