"""The address under which the caller reached the server."""

from __future__ import annotations

from flask import Request


def server_address(request: Request) -> str:
    """Returns the scheme and host, through a proxy too."""
    is_https = request.headers.get("X-Forwarded-Proto", request.scheme).partition(",")[0].strip() == "https"
    return f"{'https' if is_https else 'http'}://{request.host}"
