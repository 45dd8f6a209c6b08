"""Sockets that the servers of this machine listen on."""

from __future__ import annotations

import errno
import ipaddress
import socket

from local.http_servers.errors import PortTaken

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - named to be recognised


def open_listener(host: str, port: int, service: str, remedy: str = "choose another port") -> socket.socket:
    """Returns a socket that listens; port 0 takes a free one.

    Raises:
        PortTaken: the port is taken, or nothing can listen on this host; the message names the service.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms per request otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} of {host} is taken, so {service} cannot listen there: stop what uses it,"
                f" or {remedy}."
            ) from error
        raise PortTaken(f"{service} cannot listen on {host}:{port}: {error.strerror}.") from error
    return listener


def reachable_address(host: str) -> str:
    """Returns the address by which this machine reaches a server on ``host``, in brackets if it is IPv6."""
    found = _ANY.get(host, host)
    return f"[{found}]" if ":" in found else found


def is_loopback(host: str) -> bool:
    """Tells whether an address, or a host to listen on, is for this machine alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_own(client: str, server: str) -> bool:
    """Tells whether a caller is of this machine: its address is a loopback one, or the server's own."""
    return is_loopback(client) or client == server
