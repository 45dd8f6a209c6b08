"""The bridge calls functions for what arrives, until they take it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest
from google.cloud import pubsub_v1

from functions.contract.settings import Settings
from local import topology
from local.eventarc import bridge
from local.pubsub.server import PubSubServer
from local.stack.environment import DEFAULTS

PATIENCE = 60.0  # seconds, far more than anything here takes


class Functions:
    """An HTTP server in the functions' place; refuses each message's first call when it is told to."""

    def __init__(self, *, refuse_first: bool = False) -> None:
        self.calls: Queue[tuple[str, dict[str, str], bytes]] = Queue()
        self._seen: Counter[str] = Counter()
        self._refuse_first = refuse_first
        functions = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(functions.take(self.path, headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self._seen[headers["ce-id"]] += 1
        if self._refuse_first and self._seen[headers["ce-id"]] == 1:
            return 503
        self.calls.put((path, headers, body))
        return 200

    @contextmanager
    def running(self) -> Generator[Functions]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@contextmanager
def embedded_pubsub() -> Generator[str]:
    """The address of a server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = PubSubServer(None)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE)
    try:
        yield server.address
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A laptop's settings, with topics and subscriptions on an embedded Pub/Sub."""
    with embedded_pubsub() as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        found = Settings.from_environment(DEFAULTS)
        topology.make_messaging(found)
        yield found


@contextmanager
def bridged(settings: Settings, functions: Functions) -> Generator[None]:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bridge.run_bridge, settings, functions.url, stop)
        try:
            yield
        finally:
            stop.set()
            running.result(PATIENCE)


def publish(settings: Settings, topic: str, data: bytes, **attributes: str) -> None:
    publisher = pubsub_v1.PublisherClient()
    with publisher:
        publisher.publish(settings.topic_path(topic), data, **attributes).result(PATIENCE)


def notify_of(settings: Settings, bucket: str, name: str) -> None:
    publish(
        settings,
        f"storage-{bucket}",
        json.dumps({"bucket": bucket, "name": name}).encode(),
        eventType="OBJECT_FINALIZE",
        bucketId=bucket,
        objectId=name,
        eventTime="2026-01-02T03:04:05Z",
    )


def test_each_bucket_and_the_dead_letters_have_their_function(settings: Settings) -> None:
    with Functions().running() as functions, bridged(settings, functions):
        notify_of(settings, settings.uploads_bucket, "a.png")
        notify_of(settings, settings.results_bucket, "job/manifest.json")
        publish(settings, settings.dead_letter_topic, b"{}")
        calls = [functions.calls.get(timeout=PATIENCE) for _ in range(3)]
    subjects = {path: headers.get("ce-subject") for path, headers, _ in calls}
    assert subjects == {
        "/_functions/uploads": "objects/a.png",
        "/_functions/notify": "objects/job/manifest.json",
        "/_functions/dead_letter": None,
    }


def test_what_a_function_does_not_take_comes_again(settings: Settings) -> None:
    with Functions(refuse_first=True).running() as functions, bridged(settings, functions):
        notify_of(settings, settings.uploads_bucket, "a.png")
        _, _, body = functions.calls.get(timeout=PATIENCE)
    assert json.loads(body)["name"] == "a.png"


def test_events_wait_for_functions_that_are_not_there_yet(settings: Settings) -> None:
    functions = Functions()
    with bridged(settings, functions):
        notify_of(settings, settings.uploads_bucket, "a.png")
        with functions.running():
            path, _, _ = functions.calls.get(timeout=PATIENCE)
    assert path == "/_functions/uploads"


@pytest.mark.slow
def test_many_events_arrive_once_each_when_all_is_well(settings: Settings) -> None:
    names = {f"{n}.png" for n in range(200)}
    with Functions().running() as functions, bridged(settings, functions):
        for name in names:
            notify_of(settings, settings.uploads_bucket, name)
        arrived = [json.loads(functions.calls.get(timeout=PATIENCE)[2])["name"] for _ in names]
    assert sorted(arrived) == sorted(names)
