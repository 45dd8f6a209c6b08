"""What the functions reach out to, made on first use and kept for the life of the process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Protocol

from google.api_core.exceptions import GoogleAPIError

from .contract.clients import publisher, storage_client
from .contract.ending import Endings
from .contract.errors import Transient
from .contract.memory import PictureMemory, door_bytes
from .contract.objects import Objects
from .contract.settings import Settings
from .contract.store import JobStore
from .contract.telemetry import HEADER, start, traceparent
from .policy import Screener
from .policy.configured import prompt_screener
from .signing import UrlSigner, url_signer
from .waiting import JobEndWatcher

_PUBLISH_SECONDS = 10.0
_THREADS = 16

Resolve = Callable[[str, int], list[str]]
_lock = Lock()


class Publish(Protocol):
    def __call__(self, topic: str, data: bytes, *, ordering_key: str = "", **attributes: str) -> None:
        """Returns once the message is accepted. Raises Transient."""


@dataclass(frozen=True)
class Services:
    """Everything outside the process; a test replaces what it needs to."""

    settings: Settings
    jobs: Objects
    results: Objects
    uploads: Objects
    bucket: Callable[[str], Objects]
    publish: Publish
    sign_url: UrlSigner
    resolve: Resolve
    screener: Screener = field(default_factory=Screener)
    memory: PictureMemory = field(default_factory=lambda: PictureMemory.of(door_bytes()))
    watcher: JobEndWatcher = field(init=False)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "services"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "watcher", JobEndWatcher(self.results))

    @property
    def store(self) -> JobStore:
        return JobStore(self.jobs)

    @property
    def endings(self) -> Endings:
        return Endings(self.store, self.results)


def services() -> Services:
    """This process's services; two first requests at once make them once."""
    with _lock:
        return _connected()


@cache
def _connected() -> Services:
    settings = Settings.from_environment()
    start("plantain-functions", settings.project, to_google=settings.google_traces)
    return connect(settings)


def connect(settings: Settings) -> Services:
    client = storage_client(settings)

    def bucket(name: str) -> Objects:
        return Objects(client, name)

    return Services(
        settings=settings,
        jobs=bucket(settings.jobs_bucket),
        results=bucket(settings.results_bucket),
        uploads=bucket(settings.uploads_bucket),
        bucket=bucket,
        publish=_publishing(settings),
        sign_url=url_signer(client, settings),
        resolve=addresses_of,
        screener=prompt_screener(settings),
        memory=PictureMemory.of(settings.memory_bytes or door_bytes()),
    )


def _publishing(settings: Settings) -> Publish:
    client = publisher(settings)

    def publish(topic: str, data: bytes, *, ordering_key: str = "", **attributes: str) -> None:
        if place := traceparent():
            attributes[HEADER] = place
        path = settings.topic_path(topic)
        try:
            client.publish(path, data, ordering_key, **attributes).result(timeout=_PUBLISH_SECONDS)
        except (GoogleAPIError, NotInTime) as error:
            if ordering_key:  # else the client refuses every later message of the key
                client.resume_publish(path, ordering_key)
            raise Transient(f"Pub/Sub did not take the message: {type(error).__name__}.") from error

    return publish


def addresses_of(host: str, port: int) -> list[str]:
    """Every address that ``host`` has, as text. Raises Transient when it cannot be looked up."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Transient(f"{host} cannot be looked up.") from error
    return [str(address[0]) for *_, address in found]
