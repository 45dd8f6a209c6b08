"""``/openapi.json``: made once for a process, and open to everyone."""

from __future__ import annotations

import json
from functools import cache

from flask import Request, Response

from ...api_docs.page import check_docs_are_on
from ...contract.errors import InvalidRequest
from ...contract.settings import Settings
from ...http_edge.static_files import StaticFile, answer_file

_PARAMETER = "dialect"


def show_description(request: Request, settings: Settings) -> Response:
    """Shows the OpenAPI document of all dialects, or of the one that ``?dialect=`` names.

    Raises NotFound where the deployment shows none, and InvalidRequest for another query.
    """
    check_docs_are_on(settings)
    response = answer_file(request, _encode_document(_asked_dialect(request)))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _asked_dialect(request: Request) -> str | None:
    asked = request.args.getlist(_PARAMETER)
    if set(request.args) - {_PARAMETER} or len(asked) > 1:
        raise InvalidRequest(f"One parameter may be given: {_PARAMETER}.", field=_PARAMETER)
    return asked[0] if asked else None


@cache
def _encode_document(dialect: str | None) -> StaticFile:
    """Returns the document of one dialect, or of all. Raises InvalidRequest for another name."""
    # Here, because nothing else needs the models of all answers: they would slow the start of every function.
    from .openapi_document import DIALECTS, build_document

    if dialect is not None and dialect not in DIALECTS:
        raise InvalidRequest(f"A dialect is one of {', '.join(DIALECTS)}.", field=_PARAMETER)
    document = build_document(tuple(DIALECTS) if dialect is None else (dialect,))
    return StaticFile("openapi.json", json.dumps(document, ensure_ascii=True).encode())
