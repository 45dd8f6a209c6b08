"""The ports that the stack listens on: fixed, so that a person can remember them, or any free ones."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from local.http_servers.errors import PortTaken
from local.http_servers.listening import open_listener

HOST = "127.0.0.1"
ANY = 0


@dataclass(frozen=True)
class StackPorts:
    """The ports of the stack's parts; ``ANY`` (0) takes a free port."""

    api: int = 8080
    storage: int = 9023
    pubsub: int = 8085

    @classmethod
    def free(cls) -> StackPorts:
        """Returns ports that are all chosen when the stack starts."""
        return cls(ANY, ANY, ANY)


def open_stack_listener(name: str, port: int, host: str = HOST) -> socket.socket:
    """Returns a socket that listens on ``port``.

    Raises:
        PortTaken: the message names the option that chooses another port.
    """
    try:
        return open_listener(host, port, name)
    except PortTaken as error:
        option = "--port" if name == "api" else f"--{name}-port"
        raise PortTaken(
            f"Port {port} ({name}) is taken. Choose another with {option} N, or free ones with --port 0."
            if _is_taken(error)
            else error.message
        ) from None


def check_free(name: str, port: int, host: str = HOST) -> None:
    """Raises PortTaken when the port is taken now; the server that uses it later checks again."""
    if port != ANY:
        open_stack_listener(name, port, host).close()


def free_port() -> int:
    """Returns a port that was free a moment ago, for a process that cannot inherit a socket."""
    with open_stack_listener("any", ANY) as listener:
        return int(listener.getsockname()[1])


def is_listening(host: str, port: int) -> bool:
    """Returns True if a server accepts a connection there within half a second."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def _is_taken(error: PortTaken) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in (errno.EADDRINUSE, errno.EACCES)
