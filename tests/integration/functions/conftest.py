"""The embedded servers, and on them a fresh deployment of the functions for each test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from functions.contract.telemetry import log
from local.pubsub.server import PubSubServer
from local.storage import StorageServer
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.log_lines import LogLines
from tests.integration.functions.receiver import Receiver

STARTS_WITHIN = 60  # seconds; generous, since it decides nothing but when to give up


@dataclass
class Servers:
    storage: StorageServer
    pubsub: PubSubServer

    @property
    def environment(self) -> dict[str, str]:
        return {"STORAGE_EMULATOR_HOST": self.storage.url, "PUBSUB_EMULATOR_HOST": self.pubsub.address}


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Both servers, in a thread with an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="servers", daemon=True)
    thread.start()

    def wait(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(STARTS_WITHIN)

    running = Servers(StorageServer(None), PubSubServer(None))
    wait(running.storage.start())
    wait(running.pubsub.start())
    yield running
    wait(running.pubsub.stop())
    wait(running.storage.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(STARTS_WITHIN)
    loop.close()


@pytest.fixture
def emulated(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """The servers, with Google's clients pointed at them."""
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    return servers


@pytest.fixture
def deployment(emulated: Servers) -> Deployment:
    return Deployment.create()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.listening() as listening:
        yield listening


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> LogLines:
    """What is logged from here on, until the test ends."""
    lines = LogLines()
    monkeypatch.setattr(log, "_listeners", [lines.hear])
    return lines
