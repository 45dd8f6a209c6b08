"""Cloud Storage servers that the tests run against: in a thread, or in a process that can be killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import storage
from requests.adapters import HTTPAdapter

from local.storage import StorageEvent, StorageFaults, StorageServer

PATIENCE_SECONDS = 120
"""How long a test waits for what must happen; nothing is asserted about the time itself."""


class Storage:
    """Google's own client and a plain HTTP client, connected to one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        session = AuthorizedSession(AnonymousCredentials())
        session.mount("http://", HTTPAdapter(pool_maxsize=64))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("STORAGE_EMULATOR_HOST", url)
            self.client: Any = storage.Client(
                project="plantain-test", credentials=AnonymousCredentials(), _http=session
            )
        self.http = httpx.Client(base_url=url, timeout=PATIENCE_SECONDS)

    def bucket(self, **properties: Any) -> Any:
        """A new bucket."""
        bucket = self.client.bucket(f"bucket-{uuid.uuid4().hex}")
        for key, value in properties.items():
            setattr(bucket, key, value)
        self.client.create_bucket(bucket)
        return bucket

    def close(self) -> None:
        self.client.close()
        self.http.close()


class Embedded(Storage):
    """The embedded server, in a thread with its own event loop.

    Attributes:
        events: what it has told of.
    """

    def __init__(self, directory: Path | None = None, faults: StorageFaults | None = None) -> None:
        self.events: list[StorageEvent] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.server = StorageServer(directory, notify=self.events.append, faults=faults)
        self.run(self.server.start())
        super().__init__(self.server.url)

    @property
    def faults(self) -> StorageFaults:
        return self.server.faults

    @faults.setter
    def faults(self, faults: StorageFaults) -> None:
        self.server.faults = faults

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_SECONDS)

    def told(self, bucket: Any) -> list[tuple[str, str]]:
        """Type and object of every event in the bucket so far, in order."""
        return [(str(event.type), event.name) for event in self.events if event.bucket == bucket.name]

    def close(self) -> None:
        super().close()
        self.run(self.server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()


@contextmanager
def embedded(directory: Path | None = None, faults: StorageFaults | None = None) -> Generator[Embedded]:
    running = Embedded(directory, faults)
    try:
        yield running
    finally:
        running.close()


class Process(Storage):
    """``python -m local.storage``."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "local.storage", "--directory", str(directory)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        super().__init__(self._process.stdout.readline().strip().partition("=")[2])

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        super().close()
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def server_process(directory: Path) -> Generator[Process]:
    running = Process(directory)
    try:
        yield running
    finally:
        running.close()
