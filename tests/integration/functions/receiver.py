"""A caller's webhook: a real HTTP server that checks each call's signature."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from tests.integration.functions.deployment import WEBHOOK_SECRET


@dataclass
class Receiver:
    """``answers`` are the statuses to come; when they run out it is 204. ``secret`` checks signatures."""

    url: str = ""
    secret: str = WEBHOOK_SECRET
    answers: list[int] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def listening(cls) -> Generator[Receiver]:
        receiver = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook?team=sea"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        Webhook(self.secret).verify(body, headers)
        self.headers.append(headers)
        self.calls.append({"path": path, **json.loads(body)})
        return self.answers.pop(0) if self.answers else 204


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take(
                self.path, {key.lower(): value for key, value in self.headers.items()}, body
            )
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    return Handler
