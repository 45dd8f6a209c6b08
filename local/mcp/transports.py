"""The two ways to speak to the server: over standard input and output, and over streamable HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from local.http_servers.api_keys import ApiKeys, KeyGuard, check_host
from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.listening import is_loopback, open_listener
from local.http_servers.server import HttpServer

PATH = "/mcp"
MAX_BODY = 32 * 2**20  # bytes: a picture of 20 MiB as base64, and the rest of the call
_HOSTS = ["127.0.0.1:*", "localhost:*", "[::1]:*"]


async def serve_stdio(server: Server[Any]) -> None:
    """Serves one client until it closes the standard input."""
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


@asynccontextmanager
async def serve_http(server: Server[Any], host: str, port: int, keys: ApiKeys | None) -> AsyncGenerator[int]:
    """Serves HTTP while the block runs; gives the port. Port 0 takes a free one.

    Raises InvalidRequest for a host that other machines reach, where no keys are set, and PortTaken.
    """
    check_host(host, keys)
    application = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=MAX_BODY,
        transport_security=_transport_security(host),
        host=host,
    )
    # Any key is let in: the API, which it is handed on to, decides what it may do.
    guarded = AsgiGuard(KeyGuard(application, keys, needed=None))
    listener = open_listener(host, port, "the MCP server", "choose another one with --http")
    http = HttpServer(guarded, listener, lifespan="on")
    await http.start()
    try:
        yield http.port
    finally:
        await http.stop()


def _transport_security(host: str) -> TransportSecuritySettings:
    """Returns the package's own protection from DNS rebinding. It knows loopback names only; another host
    has keys, which no page of a stranger knows.
    """
    if not is_loopback(host):
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    origins = [f"http://{name}" for name in _HOSTS]
    return TransportSecuritySettings(allowed_hosts=_HOSTS, allowed_origins=origins)
