"""Tells whether the client of a request is still there, while a handler waits."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any


def connection_watch(environ: Mapping[str, Any]) -> Callable[[], bool]:
    """Returns a function that returns True once the client has closed the request's connection.

    gunicorn gives the connection as ``gunicorn.socket``. Without one the client counts as being there.
    """
    connection: socket.socket | None = environ.get("gunicorn.socket")

    def is_closed() -> bool:
        if connection is None:
            return False
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    return is_closed
