"""The body of a request, and what its headers ask for."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from flask import Request

from ..contract.errors import InvalidRequest, UnsupportedMediaType
from ..http_server.body_budget import BodyBudget, BoundedBody
from ..intake.strict_json import parse_json_object

MAX_BODY = 30 * 2**20  # bytes: below the 32 MiB of Cloud Run, so that it is we who say what to do
MAX_SMALL_BODY = 256 * 2**10  # bytes, where no picture is part of the body
MAX_WAIT = 60.0

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\"?(?:$|[,;\s])")
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")


# Each is in memory two or three times while it is looked at. Taking a job in is a few calls of the storage
# and some tens of milliseconds of a processor: more at once get into each other's way.
BODIES = BodyBudget(3 * MAX_BODY, at_once=16)


def read_json(request: Request, limit: int = MAX_SMALL_BODY) -> dict[str, Any]:
    """Raises what ``read_body`` does, and InvalidRequest for what is no JSON object."""
    return parse_json_object(read_body(request, limit))


def read_body(request: Request, limit: int) -> bytes:
    """Raises UnsupportedMediaType, RequestTooLarge, RequestTimeout or InvalidRequest."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.")
    if request.content_encoding:
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    body: BoundedBody = request.environ["wsgi.input"]
    body.open(limit)
    return body.read()


@contextmanager
def reserve_body(request: Request) -> Generator[None]:
    """Holds memory for the body while the block reads it and looks at it. Raises BodiesBusy.

    To look at it takes a place of ``BODIES`` as well, once it is read.
    """
    length = request.environ["wsgi.input"].length
    with BODIES.hold(min(MAX_BODY if length is None else length, MAX_BODY)):
        yield


def wait_seconds(request: Request) -> float | None:
    """``Prefer: wait=N``, at most a minute."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(float(found[1]), MAX_WAIT) if found else None


def idempotency_key(request: Request) -> str | None:
    """Raises InvalidRequest for a key that is empty, too long or not printable ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _PRINTABLE.fullmatch(key):
        raise InvalidRequest("The key must be 1 to 255 printable ASCII characters.", field="Idempotency-Key")
    return key
