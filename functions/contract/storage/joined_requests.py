"""Connections that send the head of a request together with a small body.

``http.client`` sends them one after the other. The server would wake up for the head, and then wait again.
"""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_MOST = 64 * 1024  # bytes of a part that is copied, to be sent with others


class _JoiningConnection(HTTPConnection):
    _parts: list[bytes] | None = None  # of a request that is being written

    def request(self, *arguments: Any, **options: Any) -> None:
        self._parts = []
        try:
            super().request(*arguments, **options)
            self._send_parts()
        finally:
            self._parts = None

    def send(self, data: Any) -> None:
        if self._parts is not None and isinstance(data, bytes) and len(data) <= _MOST:
            self._parts.append(data)
            return
        self._send_parts()
        super().send(data)

    def _send_parts(self) -> None:
        parts, self._parts = self._parts, None  # first: to send may open a connection through a proxy
        if parts:
            super().send(b"".join(parts))


class _JoiningTlsConnection(_JoiningConnection, HTTPSConnection):
    pass


class _JoiningPool(HTTPConnectionPool):
    ConnectionCls: Any = _JoiningConnection


class _JoiningTlsPool(HTTPSConnectionPool):
    ConnectionCls: Any = _JoiningTlsConnection


class JoiningAdapter(HTTPAdapter):
    """Sends requests of a session. Those that go through a proxy are sent in parts."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        pools: dict[str, type[HTTPConnectionPool]] = {"http": _JoiningPool, "https": _JoiningTlsPool}
        self.poolmanager.pool_classes_by_scheme = pools
