"""The port that gRPC and HTTP/1 share: what it forwards."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from starlette.applications import Starlette

from local.pubsub.port_multiplexer import PortMultiplexer


def test_a_connection_is_forwarded_whole_in_both_directions(tmp_path: Path) -> None:
    """More bytes than the buffers hold, and what either side sends before the other is connected."""
    whole = bytes(range(256)) * 20_000

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await asyncio.sleep(0)
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def scenario() -> bytes:
        backend = await asyncio.start_unix_server(echo, tmp_path / "backend")
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        front = PortMultiplexer(listener, lambda _is_local: tmp_path / "backend", Starlette())
        await front.start()
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"PRI" + whole)
        answer = await reader.readexactly(len(b"hello") + len(b"PRI") + len(whole))
        await writer.drain()
        writer.close()
        await front.stop()
        backend.close()
        return answer

    assert asyncio.run(scenario()) == b"helloPRI" + whole
