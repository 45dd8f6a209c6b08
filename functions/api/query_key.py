"""A key in the query string, as Google's older clients send it: ``?key=``.

Addresses are written to logs by everything that a request passes. So the key is taken out of the request
before anything else looks at it, whether it is allowed or not.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from flask import Request

_NAME = "key"


def take_query_keys(request: Request) -> list[str]:
    """Removes each ``key`` from the query string, and returns their values."""
    kept: list[str] = []
    taken: list[str] = []
    for part in request.query_string.decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if unquote_plus(name) == _NAME:
            taken.append(unquote_plus(value))
        else:
            kept.append(part)
    if taken:
        request.environ["QUERY_STRING"] = "&".join(kept)
        request.query_string = "&".join(kept).encode("latin-1")
        for name in ("RAW_URI", "REQUEST_URI"):  # the address as the server received it
            request.environ.pop(name, None)
    return taken
