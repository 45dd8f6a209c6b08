"""One connection of the HTTP server."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_HEAD = b"HTTP/1.1 "


class ExposedTransportProtocol(AutoHTTPProtocol):
    """Shows its transport to the application, which has no other way of dropping a connection."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        joined: Any = JoinedWrites(transport)
        self.app_state = {**self.app_state, "transport": joined}
        super().connection_made(joined)


class JoinedWrites:
    """A transport that sends the head of an answer together with the beginning of its body.

    uvicorn writes them one after the other. The client would wake up for the head, and then wait again.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_HEAD):
            self._head = data
            asyncio.get_running_loop().call_soon(self._send_head)  # where no body follows at once
            return
        self._transport.write(data)

    def close(self) -> None:
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._transport.write(head)
