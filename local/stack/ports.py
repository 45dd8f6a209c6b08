"""The ports that the stack listens on: fixed, so that they can be remembered, or any that are free."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from local.http_servers.errors import PortTaken

HOST = "127.0.0.1"
ANY = 0


def port_taken_error(name: str, port: int) -> PortTaken:
    """The error that says which port is taken and how to choose another."""
    option = "--port" if name == "api" else f"--{name}-port"
    return PortTaken(
        f"Port {port} ({name}) is taken. Choose another with {option} N, or free ones with --port 0."
    )


@dataclass(frozen=True)
class StackPorts:
    """Where the parts of the stack listen; ``ANY`` (0) takes a free one."""

    api: int = 8080
    storage: int = 9023
    pubsub: int = 8085

    @classmethod
    def free(cls) -> StackPorts:
        return cls(ANY, ANY, ANY)


def open_stack_listener(name: str, port: int, host: str = HOST) -> socket.socket:
    """A socket that listens on ``port``. Raises PortTaken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise port_taken_error(name, port) from None
        raise
    return listener


def check_free(name: str, port: int, host: str = HOST) -> None:
    """Raises PortTaken. What it finds may change before the port is used: the server itself checks again."""
    if port != ANY:
        open_stack_listener(name, port, host).close()


def free_port() -> int:
    """A port that was free just now, for a process that cannot be given a socket."""
    with open_stack_listener("any", ANY) as listener:
        return int(listener.getsockname()[1])


def is_listening(host: str, port: int) -> bool:
    """Whether anything answers there within half a second."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
