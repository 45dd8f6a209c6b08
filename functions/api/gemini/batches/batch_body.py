"""The body of batchGenerateContent, and the file of lines that its requests become.

https://ai.google.dev/api/batch-api
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from ....contract.errors import InvalidRequest
from ....contract.validation.json_bounds import JsonBounds
from ....intake.strict_json import parse_json_object, parse_model
from ...api_call import ApiCall
from ...request_body import MAX_BODY, read_body
from ..content_body import BOUNDS, GoogleMessage

_SOURCE = "batch.inputConfig"
_MANY = JsonBounds(  # many requests in one body, which are read one by one later
    values=100_000, quotes=400_000, syntax=4 * 2**20, long_fields=BOUNDS.long_fields
)


class InlinedRequest(GoogleMessage):
    """One request, which is looked at later, and what its answer repeats."""

    request: dict[str, Any] = Field(repr=False)
    metadata: dict[str, Any] | None = None


class InlinedRequests(GoogleMessage):
    requests: list[InlinedRequest] = Field(default=[], max_length=10_000)


class InputConfig(GoogleMessage):
    file_name: str | None = None
    requests: InlinedRequests = InlinedRequests()


class BatchSpec(GoogleMessage):
    input_config: InputConfig
    display_name: str = Field(default="", max_length=512)


class BatchBody(GoogleMessage):
    batch: BatchSpec


def read_batch_body(call: ApiCall) -> BatchSpec:
    """Returns what the body asks for: either a file or requests. Raises InvalidRequest and what ``read_body``
    raises.
    """
    given = parse_json_object(read_body(call.request, MAX_BODY), _MANY)
    spec = parse_model(BatchBody, given).batch
    if bool(spec.input_config.file_name) == bool(spec.input_config.requests.requests):
        raise InvalidRequest("Give either a file by fileName or requests.", field=_SOURCE)
    return spec


def write_lines(spec: BatchSpec) -> bytes:
    """Returns the requests as the lines of a file."""
    lines = (
        {"request": each.request, **({"metadata": each.metadata} if each.metadata else {})}
        for each in spec.input_config.requests.requests
    )
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
