"""Protects the servers of this machine from web pages of other machines.

A page from anywhere can send requests to 127.0.0.1. With DNS rebinding it can also read the answers: its own
host name is made to mean 127.0.0.1 a moment later. Two headers show this, and a page can set neither:

- ``Host`` is then the host name of the page. An attacker's DNS cannot serve addresses, names without a dot or
  the names by which containers call their host, so these are allowed. Every other name is refused.
- ``Origin`` is the origin of the page.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS_VARIABLE = "PLANTAIN_LOCAL_HOSTS"
"""Further names by which the servers may be called, separated by commas."""

_CONTAINERS = frozenset(
    {"host.docker.internal", "gateway.docker.internal", "host.containers.internal", "host.lima.internal"}
)
_LOCAL_SUFFIX = ".localhost"


def is_known_host(host: str) -> bool:
    """Tells whether a Host header, with or without a port, names this machine and not a page's."""
    name = _hostname(f"//{host}")
    if name is None:
        return False
    named = {each.strip().lower() for each in os.environ.get(HOSTS_VARIABLE, "").split(",")} - {""}
    return _is_address(name) or "." not in name or name in _CONTAINERS | named or name.endswith(_LOCAL_SUFFIX)


def is_local_origin(origin: str, host: str) -> bool:
    """Tells whether a page came from this machine, or from the very server that it speaks to."""
    scheme, _, netloc = origin.partition("://")
    name = _hostname(origin)
    # Also "null" is none of these, which any page can be made to send.
    if scheme.lower() not in ("http", "https") or name is None:
        return False
    is_same = netloc.lower() == host.lower()
    return is_same or name == "localhost" or name.endswith(_LOCAL_SUFFIX) or _is_loopback(name)


def refusal_reason(host: str | None, origin: str | None) -> str | None:
    """Returns what is wrong with a request's headers, as a sentence; None when nothing is wrong."""
    if host is not None and not is_known_host(host):
        return (
            f"The host {host!r} is not a name of this server. Use an address or localhost, or name it in"
            f" {HOSTS_VARIABLE}."
        )
    if origin is not None and not is_local_origin(origin, host or ""):
        return f"Pages of {origin!r} may not use this server."
    return None


class AsgiGuard:
    """An ASGI application that is only reached by requests that no stranger's page sent.

    Args:
        check_origin: False where the application judges the Origin itself.
    """

    def __init__(self, application: ASGIApp, *, check_origin: bool = True) -> None:
        self._application = application
        self._check_origin = check_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            origin = headers.get(b"origin") if self._check_origin else None
            if reason := refusal_reason(headers.get(b"host"), origin):
                await _send_refusal(send, _problem_body(reason))
                return
        await self._application(scope, receive, send)


class WsgiGuard:
    """The same for a WSGI application."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reason = refusal_reason(environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN"))
        if reason is None:
            return self._application(environ, start_response)
        body = _problem_body(reason)
        start_response("403 Forbidden", [(name, value) for name, value in _problem_headers(body)])
        return [body]


def _hostname(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _problem_body(reason: str) -> bytes:
    problem = {"code": "forbidden_origin", "title": "Not from here", "status": 403, "detail": reason}
    return json.dumps(problem).encode()


def _problem_headers(body: bytes) -> list[tuple[str, str]]:
    return [("content-type", "application/problem+json"), ("content-length", str(len(body)))]


async def _send_refusal(send: Send, body: bytes) -> None:
    headers = [(name.encode(), value.encode()) for name, value in _problem_headers(body)]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
