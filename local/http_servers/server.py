"""The HTTP server of the laptop: one ASGI application on one listening socket.

The signals of the process belong to the program that runs the server, not to the server.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 5
"""The longest time that requests may still run when a server stops."""


class _SignalFreeServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves the signal handlers of the process as they are."""
        yield


class HttpServer:
    """Serves an ASGI application in the running event loop, from :meth:`start` to :meth:`stop`.

    Args:
        application: answers the requests.
        listener: a socket that is bound and listens. None: every connection comes through :meth:`adopt`.
        options: further options of uvicorn.Config.
    """

    def __init__(self, application: ASGIApp, listener: socket.socket | None, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "ws": "none",
            "lifespan": "off",
            "log_config": None,
            "proxy_headers": False,
            "access_log": False,
            "server_header": False,
            "timeout_graceful_shutdown": GRACE_SECONDS,
        }
        self._config = uvicorn.Config(application, **{**defaults, **options})
        self._config.load()
        self._server = _SignalFreeServer(self._config)
        self._sockets = [] if listener is None else [listener]
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Returns the port of the listening socket."""
        return int(self._sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Returns once the server answers. Earlier callers wait in the backlog of the socket."""
        self._task = asyncio.create_task(self._server.serve(self._sockets))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Waits for running requests, for the grace period at most, and closes the socket."""
        self._server.should_exit = True
        if self._task:
            await self._task
        for listener in self._sockets:
            listener.close()

    async def adopt(self, connection: socket.socket) -> None:
        """Serves HTTP on a connection that another listener has accepted."""
        make_protocol: Any = self._config.http_protocol_class  # typed as the class of any protocol
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            state = self._server.server_state
            return make_protocol(config=self._config, server_state=state, app_state={}, _loop=loop)

        await loop.connect_accepted_socket(protocol, connection)


@contextmanager
def serve_in_thread(application: ASGIApp, listener: socket.socket, name: str) -> Generator[None]:
    """Serves the application in a thread with an event loop of its own, until the block is left."""
    stopped = threading.Event()
    thread = threading.Thread(
        target=asyncio.run, args=(_serve_until(application, listener, stopped),), name=name, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


async def _serve_until(application: ASGIApp, listener: socket.socket, stopped: threading.Event) -> None:
    server = HttpServer(application, listener, timeout_graceful_shutdown=1)
    await server.start()
    await asyncio.to_thread(stopped.wait)
    await server.stop()
