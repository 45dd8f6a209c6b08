"""A service that answers over HTTP as it is told to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Service:
    """``answer`` is sent as JSON, or as it is if it is bytes. While ``silent`` it lets the caller wait."""

    status: int = 200
    answer: Any = field(default_factory=dict[str, Any])
    asked: list[Asked] = field(default_factory=list[Asked])
    silent: bool = False
    _released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Service:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.asked.append(Asked(self.path, dict(self.headers), json.loads(body)))
                if service.silent:
                    service._released.wait(60)
                    return
                ready = service.answer
                data = ready if isinstance(ready, bytes) else json.dumps(ready).encode()
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"
