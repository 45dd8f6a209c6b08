"""``/openapi.json``: made once for a process, and sent again only where a client has another one."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from flask import Request, Response

from ...contract.errors import InvalidRequest, NotFound
from ...http_edge.json_response import JSON
from ...services import Services
from ..dialects import DIALECTS
from .openapi_document import build_document

_PARAMETER = "dialect"


@dataclass(frozen=True)
class EncodedDocument:
    """A document as it is sent."""

    text: bytes
    compressed: bytes
    etag: str


def show_description(request: Request, services: Callable[[], Services]) -> Response:
    """Shows the OpenAPI document of all dialects, or of the one that ``?dialect=`` names.

    Raises NotFound where the deployment shows none, and InvalidRequest for another query.
    """
    if not services().settings.api_docs:
        raise NotFound("This deployment does not show its description.")
    document = encode_document(_asked_names(request))
    response = Response(mimetype=JSON, headers={"Cache-Control": "no-cache", "Vary": "Accept-Encoding"})
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(document.etag)
    if request.if_none_match.contains(document.etag):
        response.status_code = 304
    elif request.accept_encodings["gzip"] > 0:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(document.compressed)
    else:
        response.set_data(document.text)
    return response


@cache
def encode_document(names: tuple[str, ...]) -> EncodedDocument:
    """Returns the document of the dialects named."""
    text = json.dumps(build_document(names), ensure_ascii=True).encode()
    return EncodedDocument(text, gzip.compress(text, mtime=0), hashlib.sha256(text).hexdigest())


def _asked_names(request: Request) -> tuple[str, ...]:
    asked = request.args.getlist(_PARAMETER)
    if set(request.args) - {_PARAMETER} or len(asked) > 1 or not set(asked) <= DIALECTS.keys():
        message = f"One parameter may be given: {_PARAMETER}, one of {', '.join(DIALECTS)}."
        raise InvalidRequest(message, field=_PARAMETER)
    return tuple(asked) or tuple(DIALECTS)
