"""The HTTP server behind the worker's probes and Vertex AI's predictions: a Starlette app on a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from functions.contract.settings import SettingsError

ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - a container is probed, and called, from outside of it
_KEEP_ALIVE = 620  # seconds, longer than proxies keep a connection, so that the proxy closes it first
_ANSWERS_WITHIN = 5.0  # seconds that the last answers may take once the listener stops


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves signals to the worker."""
        yield


class HttpListener:
    """Serves ``app`` on ``host:port``; ``port`` 0 takes a free one.

    Raises SettingsError, which names the setting ``port_setting``, for a port that cannot be listened on.
    """

    def __init__(self, app: Starlette, host: str, port: int, port_setting: str) -> None:
        self._socket = _bind(host, port, port_setting)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=round(_ANSWERS_WITHIN),
        )
        self._server = _QuietServer(config)
        self._on_end: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def on_end(self, call: Callable[[], None]) -> None:
        """Sets what is called when the server ends, by itself or by ``stop``."""
        self._on_end = call

    def stop(self) -> None:
        """Sends the answers that are due, and closes the port."""
        self._server.should_exit = True
        self._thread.join(2 * _ANSWERS_WITHIN)
        self._socket.close()

    def _serve(self) -> None:
        try:
            self._server.run([self._socket])
        finally:
            self._on_end()


def _bind(host: str, port: int, port_setting: str) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is given: docs/traps.md.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise SettingsError(f"{port_setting}: {port} cannot be listened on ({error.strerror})") from error
    return listener
