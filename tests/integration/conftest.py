"""The contract against Cloud Storage: the embedded server, reached by Google's own client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from functions.contract.settings import Settings
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import JobStore
from functions.contract.storage.storage_client import storage_client
from local.storage import StorageFaults, StorageServer

if TYPE_CHECKING:
    from google.cloud import storage

STARTS_WITHIN = 60  # seconds; generous, since it decides nothing but when to give up


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageServer]:
    """The server in a thread with its own event loop, as the laptop's stack runs it."""
    directory: Path = tmp_path_factory.mktemp("storage")
    server = StorageServer(directory)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="storage", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(STARTS_WITHIN)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(STARTS_WITHIN)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(STARTS_WITHIN)
    loop.close()


@pytest.fixture
def faults(server: StorageServer) -> Iterator[StorageFaults]:
    """The server's faults, all of them off again after the test."""
    yield server.faults
    server.faults.unavailable = server.faults.too_many = 0.0
    server.faults.lost_answer = server.faults.torn_upload = 0.0


@pytest.fixture(scope="session")
def client(server: StorageServer) -> storage.Client:
    """The client reads the variable when it is made, so other tests may have another server."""
    settings = Settings(
        project="demo", uploads_bucket="uploads", results_bucket="results", jobs_bucket="jobs"
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STORAGE_EMULATOR_HOST", server.url)
        return storage_client(settings)


@pytest.fixture
def bucket(client: storage.Client) -> Bucket:
    name = f"bucket-{uuid4().hex}"
    client.create_bucket(name)
    return Bucket(client, name)


@pytest.fixture
def results(client: storage.Client) -> Bucket:
    name = f"results-{uuid4().hex}"
    client.create_bucket(name)
    return Bucket(client, name)


@pytest.fixture
def store(bucket: Bucket) -> JobStore:
    return JobStore(bucket)


@pytest.fixture
def committer(store: JobStore, results: Bucket) -> JobCommitter:
    return JobCommitter(store, results)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's client gives up at once, and not after its fifteen seconds."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    monkeypatch.setattr(
        "functions.contract.storage.bucket._retry_policy", lambda: DEFAULT_RETRY.with_timeout(0.1)
    )
