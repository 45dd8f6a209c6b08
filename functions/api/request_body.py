"""The body of a request, and what its headers ask for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from flask import Request

from ..contract.errors import UnsupportedMediaType
from ..http_edge.body_budget import BodyBudget, BoundedBody
from ..intake.strict_json import parse_json_object
from ..waiting.wait_hints import preferred_wait

MAX_BODY = 30 * 2**20  # bytes: below Cloud Run's 32 MiB, so that the caller gets our message
MAX_SMALL_BODY = 2**20  # bytes, where no picture is part of the body: two prompts of escapes have 768,000
MAX_WAIT = 60.0


# Each is in memory two or three times while it is looked at. Taking a job in is a few calls of the storage
# and some tens of milliseconds of a processor: more at once get into each other's way.
BODIES = BodyBudget(3 * MAX_BODY, at_once=16)


def read_json(request: Request, limit: int = MAX_SMALL_BODY) -> dict[str, Any]:
    """Returns the body's JSON object. Raises InvalidRequest for anything else, and what
    ``read_body`` raises.
    """
    return parse_json_object(read_body(request, limit))


def read_body(request: Request, limit: int) -> bytes:
    """Returns the body. Raises UnsupportedMediaType, RequestTooLarge, RequestTimeout or InvalidRequest."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.")
    return read_bytes(request, limit)


def read_bytes(request: Request, limit: int) -> bytes:
    """Returns the body, whatever its type is said to be. Raises what ``read_body`` raises."""
    if request.content_encoding:
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    body: BoundedBody = request.environ["wsgi.input"]
    body.open(limit)
    return body.read()


@contextmanager
def reserve_body(request: Request) -> Generator[None]:
    """Reserves memory for the body while the block reads and checks it. Raises BodiesBusy.

    Checking it, once it is read, takes a place of ``BODIES`` as well.
    """
    length = request.environ["wsgi.input"].length
    with BODIES.hold(min(MAX_BODY if length is None else length, MAX_BODY)):
        yield


def wait_seconds(request: Request) -> float | None:
    """Returns the seconds of ``Prefer: wait=N``, at most a minute; None without one."""
    preferred = preferred_wait(request.headers)
    return None if preferred is None else min(preferred, MAX_WAIT)
