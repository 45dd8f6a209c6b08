"""Webhooks on the real stack: one receiver that hangs holds up no other, and a retry comes by itself."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.notifications.delivery_queue import LANES
from tests.e2e.event_path.laptop import Laptop
from tests.eventually import eventually

JOBS = 3 * LANES


@dataclass
class Hook:
    """A receiver. It answers with ``statuses`` and then 204, once ``free`` is set."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    free: threading.Event = field(default_factory=threading.Event)
    ids: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, event_id: str) -> int:
        with self.lock:
            self.ids.append(event_id)
        self.free.wait()
        with self.lock:
            return self.statuses.pop(0) if self.statuses else 204


@contextmanager
def listening(*statuses: int, hangs: bool = False) -> Generator[Hook]:
    hook = Hook(statuses=list(statuses))
    if not hangs:
        hook.free.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(hook.take(self.headers["webhook-id"]))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield hook
    finally:
        hook.free.set()
        server.shutdown()
        server.server_close()


def deliveries(laptop: Laptop, job_id: str) -> dict[str, Any] | None:
    found = laptop.ask("GET", f"/v1/jobs/{job_id}/deliveries").json()["deliveries"]
    return found[0] if found else None


def test_a_receiver_that_hangs_holds_up_no_other(laptop: Laptop) -> None:
    with listening(hangs=True) as slow, listening() as well:
        fails = {"mock.fail": "permanent"}  # an end without a picture, which costs less
        waiting = [laptop.post(webhook={"url": slow.url}, labels=fails)["id"] for _ in range(JOBS)]
        for job_id in waiting:
            laptop.ended(job_id)
        eventually(lambda: slow.ids, "a call of the one that hangs")
        job_id = laptop.post(webhook={"url": well.url})["id"]
        eventually(lambda: well.ids, "the call of the other")
        told = [deliveries(laptop, each) for each in waiting]
        assert not any(each and each["state"] == "delivered" for each in told)
        eventually(lambda: (deliveries(laptop, job_id) or {}).get("state") == "delivered", "its delivery")


def test_a_retry_comes_when_it_was_promised(laptop: Laptop) -> None:
    """By the records' own times: how long the machine took to make the call is not in them."""
    with listening(500) as hook:
        job_id = laptop.post(webhook={"url": hook.url})["id"]
        eventually(lambda: (deliveries(laptop, job_id) or {}).get("state") == "delivered", "the retry")
        told = deliveries(laptop, job_id)
    assert told is not None
    assert [attempt["status"] for attempt in told["attempts"]] == [500, 204]
    assert len(set(hook.ids)) == 1
    first, second = (datetime.fromisoformat(attempt["at"]) for attempt in told["attempts"])
    assert (second - first).total_seconds() >= 5
