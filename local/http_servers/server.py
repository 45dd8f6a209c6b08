"""An HTTP server of the stack's in the running loop; signals are the stack's, and not its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """None."""
        yield


class Serving:
    """Serves on a ``listener`` that is already bound, from ``start`` to ``stop``."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        self._server = _Server(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve([self._listener]))

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task:
            await self._task
        self._listener.close()
