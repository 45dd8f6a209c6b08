"""Secret Manager's REST surface for one secret, on a real socket."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "projects/demo/secrets/plantain-api-keys"


class SecretManager:
    """``versions`` are the payloads; the first one has number 1. ``before_add`` runs once, as the next
    addition arrives.
    """

    def __init__(self) -> None:
        self.versions: list[bytes] = []
        self.before_add: Callable[[], None] | None = None
        self.refuses: int | None = None  # the status of each answer
        self.tokens: set[str | None] = set()
        self.url = ""

    def access(self, path: str) -> tuple[int, object]:
        secret, _, name = path.removesuffix(":access").rpartition("/versions/")
        if secret != f"/v1/{SECRET}":
            return 404, {}
        number = len(self.versions) if name == "latest" else int(name)
        if not 1 <= number <= len(self.versions):
            return 404, {}
        data = base64.b64encode(self.versions[number - 1]).decode()
        return 200, {"name": f"{SECRET}/versions/{number}", "payload": {"data": data}}

    def add(self, body: bytes) -> tuple[int, object]:
        if (before := self.before_add) is not None:
            self.before_add = None
            before()
        self.versions.append(base64.b64decode(json.loads(body)["payload"]["data"]))
        return 200, {"name": f"{SECRET}/versions/{len(self.versions)}"}


@contextmanager
def running_secret_manager() -> Generator[SecretManager]:
    manager = SecretManager()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*manager.access(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(*(manager.add(body) if self.path == f"/v1/{SECRET}:addVersion" else (404, {})))

        def _answer(self, status: int, body: object) -> None:
            manager.tokens.add(self.headers["Authorization"])
            self.send_response(manager.refuses or status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    manager.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield manager
    server.shutdown()
    server.server_close()
    thread.join()
