"""How the worker is, for whoever probes it: /healthz while it can go on, /readyz while it takes jobs.

Cloud Run starts a container anew whose /healthz fails: it fails only where nothing else helps any more. An
engine that dies or hangs is replaced by the worker itself; a storage that does not answer is not ours.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from functions.contract.settings import SettingsError
from functions.contract.telemetry.log import log

OUTSIDE = "0.0.0.0"  # noqa: S104 - a container is probed, and called, from outside of it
Fault = Callable[[], str | None]  # what is wrong beyond repair, or None


class Health:
    """What is known of the worker. Safe to ask from any thread."""

    def __init__(self) -> None:
        self.is_ready = False
        self._faults: tuple[Fault, ...] = ()

    def watch(self, *faults: Fault) -> None:
        self._faults = faults

    def fault(self) -> str | None:
        return next((found for fault in self._faults if (found := fault())), None)

    def answer(self, path: str) -> tuple[int, Mapping[str, str]]:
        """The status and the body."""
        fault = self.fault()
        match path:
            case "/healthz":
                return (503, {"status": fault}) if fault else (200, {"status": "ok"})
            case "/readyz":
                ready = self.is_ready and not fault
                return (200, {"status": "ready"}) if ready else (503, {"status": fault or "not ready"})
            case _:
                return 404, {"status": "not found"}


class HealthServer:
    """Answers on ``port`` from ``start`` to the process's end. ``port`` 0 takes a free one."""

    def __init__(self, health: Health, port: int, host: str = OUTSIDE) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # seconds for a request that does not come

            def do_GET(self) -> None:
                status, body = health.answer(self.path.partition("?")[0])
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                """Probes are many, and say nothing that the platform does not."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise SettingsError(f"PORT: {port} cannot be listened on ({error.strerror})") from error
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
        log("health.listening", port=self.port)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
