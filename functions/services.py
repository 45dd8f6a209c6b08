"""What the functions reach out to, made on first use and kept for the life of the process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Protocol

from google.api_core.exceptions import GoogleAPIError

from .contract.errors import Transient
from .contract.pictures.memory_budget import PictureMemory, door_bytes
from .contract.settings import Settings
from .contract.storage.bucket import Objects
from .contract.storage.clients import publisher, storage_client
from .contract.storage.commit import Endings
from .contract.storage.job_store import JobStore
from .contract.telemetry import HEADER, start, traceparent
from .lifecycle.waiting import JobEndWatcher
from .policy import Screener
from .policy.build_screener import prompt_screener
from .signed_urls import UrlSigner, url_signer

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
    """Sends each message in the caller's own thread, for ``_PUBLISH_SECONDS`` at most.

    Google's publisher would try for ever in a thread of its own as soon as it knows ordering keys, and take
    no message of a key that failed once. The order is the subscription's: here a key is a field like any.
    """
    from google.api_core.retry import Retry
    from google.pubsub_v1 import PublisherClient, PubsubMessage

    client = publisher(settings)

    def publish(topic: str, data: bytes, *, ordering_key: str = "", **attributes: str) -> None:
        if place := traceparent():
            attributes[HEADER] = place
        message = PubsubMessage(data=data, attributes=attributes, ordering_key=ordering_key)
        path, trying = settings.topic_path(topic), Retry(initial=0.1, maximum=2.0, timeout=_PUBLISH_SECONDS)
        try:
            PublisherClient.publish(
                client, topic=path, messages=[message], retry=trying, timeout=_PUBLISH_SECONDS
            )
        except GoogleAPIError as error:
            raise Transient(f"Pub/Sub did not take the message: {type(error).__name__}.") from error

    return publish


def addresses_of(host: str, port: int) -> list[str]:
    """Every address that ``host`` has, as text. Raises Transient when it cannot be looked up."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Transient(f"{host} cannot be looked up.") from error
    return [str(address[0]) for *_, address in found]
