"""One port for gRPC and for HTTP/1: the first bytes of a connection tell which it is.

A connection of gRPC begins with ``PRI``, which is no method of HTTP/1 (RFC 9113, 3.4). Its bytes are handed
on to the gRPC server, which listens on a socket of its own; a connection of HTTP/1 is served here.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp

from local.http_servers.listening import is_own
from local.http_servers.server import HttpServer

BUFFER_BYTES = 256 * 1024
"""The most bytes that are buffered in each direction while the other side is slow."""

FIRST_BYTES_SECONDS = 60
"""The longest time that a new connection may stay silent."""

GRACE_SECONDS = 2

_PREFACE = b"PRI"


class PortMultiplexer:
    """Accepts connections from a listening socket.

    Args:
        listener: bound and listening.
        backend: the socket of the gRPC server for a caller that is, or is not, of this machine.
        application: answers HTTP/1.
    """

    def __init__(
        self, listener: socket.socket, backend: Callable[[bool], Path], application: ASGIApp
    ) -> None:
        self._listener = listener
        self._backend = backend
        self._connections: set[asyncio.Task[None]] = set()
        self._http = HttpServer(application, None, timeout_graceful_shutdown=GRACE_SECONDS)

    async def start(self) -> None:
        """Starts to accept connections."""
        self._listener.setblocking(False)
        await self._http.start()
        self._accepting = asyncio.create_task(self._accept_connections())

    async def stop(self) -> None:
        """Lets HTTP requests end, and closes what is open."""
        self._accepting.cancel()
        await asyncio.wait((self._accepting,))
        self._listener.close()
        await self._http.stop()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept_connections(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._listener)
            except OSError:  # out of file descriptors, or the caller has closed the connection
                await asyncio.sleep(0.05)
                continue
            connection.setblocking(False)
            task = asyncio.create_task(
                self._serve_connection(connection, is_own(str(address[0]), str(connection.getsockname()[0])))
            )
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve_connection(self, connection: socket.socket, is_local: bool) -> None:
        try:
            async with asyncio.timeout(FIRST_BYTES_SECONDS):
                first = await _peek_first_bytes(connection)
            if first == _PREFACE:
                with suppress(socket.error, AttributeError):
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await self._forward_to_grpc(connection, self._backend(is_local))
            else:
                await self._http.adopt(connection)
        except (OSError, TimeoutError):
            connection.close()  # the caller closed the connection, or sent nothing

    async def _forward_to_grpc(self, connection: socket.socket, backend: Path) -> None:
        loop = asyncio.get_running_loop()
        outer, inner = ForwardedConnection(), ForwardedConnection()
        outer.other, inner.other = inner, outer
        await loop.create_unix_connection(lambda: inner, str(backend))
        try:
            await loop.connect_accepted_socket(lambda: outer, connection)
            # gRPC closes both ways at once: when one is over, so is the other.
            await asyncio.wait({outer.ended, inner.ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            outer.close()
            inner.close()


class ForwardedConnection(asyncio.Protocol):
    """One end of a forwarded connection: it writes to the ``other`` end whatever it reads.

    It does so in the loop's callback for the read: a stream would wake a task for each piece.

    Attributes:
        other: set before the connection is made.
        ended: done when the connection is closed.
    """

    other: ForwardedConnection

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._early = bytearray()  # read before the other end was connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=BUFFER_BYTES)
        self._transport.write(bytes(self.other._early))
        self.other._early.clear()

    def data_received(self, data: bytes) -> None:
        if self.other._transport is None:
            self._early += data
        else:
            self.other._transport.write(data)

    def pause_writing(self) -> None:
        if self.other._transport is not None:
            self.other._transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other._transport is not None:
            self.other._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # a failure ends the connection as a close does
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        """Closes the connection after what is still to be written."""
        if self._transport is not None:
            self._transport.close()


async def _peek_first_bytes(connection: socket.socket) -> bytes:
    """Returns the first bytes and leaves them in the socket.

    Raises OSError when the connection ends before.
    """
    while True:
        await _wait_readable(connection)
        first = connection.recv(len(_PREFACE), socket.MSG_PEEK)
        if not first:
            raise ConnectionResetError
        if len(first) == len(_PREFACE) or not _PREFACE.startswith(first):
            return first
        await asyncio.sleep(0.01)  # part of the preface: the rest is on its way


async def _wait_readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, lambda: readable.done() or readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(connection)
