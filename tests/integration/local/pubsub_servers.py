"""Pub/Sub servers that the tests run against: ours, in a thread or a process, and Google's emulator."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.types import PublisherOptions

from local.pubsub.faults import PubSubFaults
from local.pubsub.server import PubSubServer
from tests.eventually import PATIENCE, eventually


class PubSub:
    """Google's own clients, connected to a server, and shortcuts for what most tests need.

    Args:
        address: the value of PUBSUB_EMULATOR_HOST.
        server: the embedded server, for its faults; None for Google's.
    """

    def __init__(self, address: str, server: PubSubServer | None = None) -> None:
        self.address = address
        self.project = f"projects/p{uuid.uuid4().hex[:12]}"
        self._server = server
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PUBSUB_EMULATOR_HOST", address)
            # Any: Google's annotations do not allow the dictionaries that its documentation passes.
            self.publisher: Any = pubsub_v1.PublisherClient(
                # By default its fifth retry comes half a minute after the fourth.
                publisher_options=PublisherOptions(
                    enable_message_ordering=True, retry=Retry(initial=0.1, maximum=1.0)
                )
            )
            self.subscriber: Any = pubsub_v1.SubscriberClient()

    @property
    def faults(self) -> PubSubFaults:
        """What the embedded server does wrong."""
        assert self._server, "only the embedded server has faults"
        return self._server.faults

    def beside(self) -> PubSub:
        """The embedded server, as a process of the same stack reaches it."""
        assert self._server, "only the embedded server has such an address"
        return PubSub(self._server.inner_address, self._server)

    def topic(self) -> str:
        """The name of a new topic."""
        name = f"{self.project}/topics/t{uuid.uuid4().hex[:8]}"
        self.publisher.create_topic(name=name)
        return name

    def subscription(self, topic: str, **config: Any) -> str:
        """The name of a new subscription to the topic."""
        name = f"{self.project}/subscriptions/s{uuid.uuid4().hex[:8]}"
        self.subscriber.create_subscription(request={"name": name, "topic": topic, **config})
        return name

    def publish(self, topic: str, *data: bytes, ordering_key: str = "", **attributes: str) -> list[str]:
        """The ids of new messages, in order."""
        futures = [
            self.publisher.publish(topic, each, ordering_key=ordering_key, **attributes) for each in data
        ]
        return [future.result(PATIENCE) for future in futures]

    def pull(self, subscription: str, count: int = 1) -> list[Any]:
        """``count`` received messages, however many pulls that takes."""
        received: list[Any] = []

        def enough() -> bool:
            received.extend(self._pull(subscription, count - len(received), patience=5))
            return len(received) >= count

        eventually(enough)
        return received

    def pull_now(self, subscription: str, most: int = 100) -> list[Any]:
        """Whatever is there."""
        return self._pull(subscription, most, patience=1)

    def acknowledge(self, subscription: str, *received: Any) -> None:
        self.subscriber.acknowledge(subscription=subscription, ack_ids=[each.ack_id for each in received])

    def nack(self, subscription: str, *received: Any) -> None:
        self.set_deadline(subscription, 0, *received)

    def set_deadline(self, subscription: str, seconds: int, *received: Any) -> None:
        """The messages are held for so long from now."""
        self.subscriber.modify_ack_deadline(
            subscription=subscription,
            ack_ids=[each.ack_id for each in received],
            ack_deadline_seconds=seconds,
        )

    @contextmanager
    def listening(
        self, subscription: str, callback: Callable[[Any], None], max_messages: int = 1000
    ) -> Generator[None]:
        """The callback gets the subscription's messages on a stream of its own."""
        flow_control = pubsub_v1.types.FlowControl(max_messages=max_messages)
        stream = self.subscriber.subscribe(subscription, callback, flow_control=flow_control)
        try:
            yield
        finally:
            stream.cancel()
            stream.result(PATIENCE)

    def close(self) -> None:
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()

    def _pull(self, subscription: str, most: int, patience: float) -> list[Any]:
        # Google's emulator lets the deadline pass where the service and ours answer with nothing.
        with suppress(exceptions.DeadlineExceeded):
            answer = self.subscriber.pull(
                subscription=subscription, max_messages=most, timeout=patience, retry=None
            )
            return list(answer.received_messages)
        return []


def embedded_server(
    directory: Path | None = None, faults: PubSubFaults | None = None
) -> AbstractContextManager[PubSubServer]:
    """Our server, running in an event loop on a thread."""
    return running_on_a_thread(PubSubServer(directory, faults=faults))


@contextmanager
def running_on_a_thread(server: PubSubServer) -> Generator[PubSubServer]:
    """The server, in an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="embedded-pubsub")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class ServerProcess:
    """Our server as a process of its own."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def kill(self) -> None:
        """SIGKILL: it gets no chance to write anything."""
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def server_process(directory: Path, port: int = 0) -> Generator[ServerProcess]:
    """``python -m local.pubsub`` over the directory."""
    command = [sys.executable, "-m", "local.pubsub", "--directory", str(directory), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield ServerProcess(process, process.stdout.readline().strip().partition("=")[2])
        finally:
            process.kill()


def google_emulator_jar() -> Path | None:
    """Where gcloud's component is installed; ``gcloud info`` would tell as well, in seconds."""
    gcloud = shutil.which("gcloud")
    if not gcloud or not shutil.which("java"):
        return None
    folder = Path(gcloud).resolve().parent.parent / "platform" / "pubsub-emulator" / "lib"
    return next(iter(sorted(folder.glob("cloud-pubsub-emulator-*.jar"))), None)


def require_google_emulator() -> Path:
    """The emulator's jar; a missing one skips at home and fails in CI."""
    jar = google_emulator_jar()
    if jar is None:
        reason = "Google's Pub/Sub emulator is not installed: gcloud components install pubsub-emulator"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return jar


@contextmanager
def google_emulator_process(jar: Path, log: Path) -> Generator[str]:
    """The address of Google's emulator."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # it runs too short to earn more compiling
    command = ["java", *quick, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}"]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            eventually(lambda: process.poll() is not None or b"Server started" in log.read_bytes())
            assert process.poll() is None, log.read_text()
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def embedded_pubsub_server() -> Iterator[PubSubServer]:
    """One of ours, in memory, for all the tests that only use it."""
    with embedded_server() as server:
        yield server


@pytest.fixture(scope="session")
def google_pubsub_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Google's emulator, for all the tests."""
    jar = require_google_emulator()
    with google_emulator_process(jar, tmp_path_factory.mktemp("emulator") / "log") as address:
        yield address


@pytest.fixture
def embedded(embedded_pubsub_server: PubSubServer) -> Iterator[PubSub]:
    """Clients of the embedded server, in a project of their own."""
    pubsub = PubSub(embedded_pubsub_server.address, embedded_pubsub_server)
    yield pubsub
    pubsub.close()
    embedded_pubsub_server.set_faults(PubSubFaults())


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.google_emulator)])
def pubsub(request: pytest.FixtureRequest) -> Iterator[PubSub]:
    """Clients of the embedded server and, in a second run, of Google's emulator."""
    if request.param == "embedded":
        yield request.getfixturevalue("embedded")
        return
    pubsub = PubSub(request.getfixturevalue("google_pubsub_address"))
    yield pubsub
    pubsub.close()
