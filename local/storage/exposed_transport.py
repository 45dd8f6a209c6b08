"""One connection of the HTTP server."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class ExposedTransportProtocol(AutoHTTPProtocol):
    """Shows its transport to the application, which has no other way of dropping a connection."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
