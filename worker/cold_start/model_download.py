"""A model's objects on their way into a directory, from which they are loaded as they come."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from functions.contract.telemetry.log import log
from worker.cold_start.bucket_failures import bucket_failures
from worker.cold_start.object_ranges import RemoteFile, download_files

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession

_GLANCE = 0.02  # seconds between two looks for a file, since another process may be the one that writes it


class ModelDownload:
    """Downloads the files that are missing in a directory, once on a machine.

    The parent process begins it while the engine's process still imports its libraries. The process that
    has the directory's lock downloads. The other waits for the files, and takes over if the first one ends.
    """

    def __init__(
        self,
        source: str,
        session: AuthorizedSession,
        directory: Path,
        files: Sequence[RemoteFile],
        admit: Callable[[int], None],
    ) -> None:
        """Args:
        source: the model's name in errors.
        files: in the order in which they are wanted.
        admit: gets the bytes that are missing before they are downloaded; it raises if there is no room.
        """
        self._source, self._session, self._admit = source, session, admit
        self.directory, self._files = directory, files
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="download", daemon=True)

    @property
    def is_whole(self) -> bool:
        return all(file.is_here for file in self._files)

    def start(self) -> None:
        """Begins to download, unless every file is there."""
        if not self.is_whole:
            self._thread.start()

    def wait(self, *names: str) -> None:
        """Returns when the named files and those of the named folders are there; without names, when all are.

        Raises ModelUnavailable.
        """
        places = [self.directory / name for name in names or ("",)]
        wanted = [file for file in self._files if any(map(file.path.is_relative_to, places))]
        while not all(file.is_here for file in wanted):
            if self._failure is not None:
                with bucket_failures(self._source):
                    raise self._failure
            self._thread.join(_GLANCE)

    def stop(self) -> None:
        """Ends the download. What is whole is kept, and the next start needs only the rest."""
        self._stop.set()

    def _run(self) -> None:
        try:
            with _sole_use(self.directory):
                self._download([file for file in self._files if not file.is_here])
        except BaseException as error:  # noqa: BLE001 - the thread that waits raises it
            self._failure = error

    def _download(self, missing: Sequence[RemoteFile]) -> None:
        if not missing:
            return
        size = sum(file.size for file in missing)
        self._admit(size)
        began = time.monotonic()
        download_files(self._session, missing, self._stop)
        seconds = round(time.monotonic() - began, 3)
        log("worker.model_downloaded", files=len(missing), bytes=size, seconds=seconds)


@contextmanager
def _sole_use(directory: Path) -> Generator[None]:
    """Waits until no other process has the directory's lock. The kernel frees it when a process ends."""
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
