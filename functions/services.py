"""Everything that the functions reach outside their process, connected on first use and kept for its life."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

from .contract.errors import Transient
from .contract.messaging.publisher import Publish, connect_publisher
from .contract.pictures.memory_budget import PictureMemory, intake_memory_bytes
from .contract.settings import Settings
from .contract.storage.batch_commit import BatchCommitter
from .contract.storage.batch_store import BatchStore
from .contract.storage.bucket import Bucket
from .contract.storage.job_commit import JobCommitter
from .contract.storage.job_store import JobStore
from .contract.storage.storage_client import storage_client
from .contract.telemetry import start_telemetry
from .job_end_watcher import JobEndWatcher
from .policy import Screener
from .policy.build_screener import build_prompt_screener
from .signed_urls import UrlSigner, build_url_signer

_THREADS = 16

Resolve = Callable[[str, int], list[str]]
_lock = Lock()


@dataclass(frozen=True)
class Services:
    """Everything outside the process. A test replaces the parts that it needs to."""

    settings: Settings
    jobs: Bucket
    results: Bucket
    uploads: Bucket
    open_bucket: Callable[[str], Bucket]
    publish: Publish
    sign_url: UrlSigner
    resolve: Resolve
    screener: Screener = field(default_factory=Screener)
    memory: PictureMemory = field(default_factory=lambda: PictureMemory.of(intake_memory_bytes()))
    watcher: JobEndWatcher = field(init=False)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "services"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "watcher", JobEndWatcher(self.results))

    @property
    def store(self) -> JobStore:
        return JobStore(self.jobs)

    @property
    def committer(self) -> JobCommitter:
        return JobCommitter(self.store, self.results)

    @property
    def batch_store(self) -> BatchStore:
        return BatchStore(self.jobs)

    @property
    def batch_committer(self) -> BatchCommitter:
        return BatchCommitter(self.batch_store, self.results)


def process_services() -> Services:
    """Returns this process's services. The lock makes two first requests connect only once."""
    with _lock:
        return _connect_once()


@cache
def _connect_once() -> Services:
    settings = Settings.from_environment()
    start_telemetry("plantain-functions", settings.project, to_google=settings.google_traces)
    return connect_services(settings)


def connect_services(settings: Settings) -> Services:
    """Returns services on Google's clients."""
    client = storage_client(settings)

    def bucket(name: str) -> Bucket:
        return Bucket(client, name)

    return Services(
        settings=settings,
        jobs=bucket(settings.jobs_bucket),
        results=bucket(settings.results_bucket),
        uploads=bucket(settings.uploads_bucket),
        open_bucket=bucket,
        publish=connect_publisher(settings),
        sign_url=build_url_signer(client, settings),
        resolve=resolve_host,
        screener=build_prompt_screener(settings),
        memory=PictureMemory.of(settings.memory_bytes or intake_memory_bytes()),
    )


def resolve_host(host: str, port: int) -> list[str]:
    """Returns every address of ``host`` as text; none if there is no such host. Raises Transient when the
    look-up fails.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        if error.errno == socket.EAI_NONAME:
            return []
        raise Transient(f"{host} cannot be looked up.") from error
    return [str(address[0]) for *_, address in found]
