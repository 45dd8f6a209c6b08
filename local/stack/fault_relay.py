"""``/laptop/faults``: the faults of this stack's servers, for the studio's page for operators.

The control endpoint has a port of its own, which that page may not ask. The laptop's host of functions has
this path beside the API; no deployment has it. The API says who calls, and whether they are operators.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from werkzeug.wrappers import Request, Response

from functions.contract.errors import (
    MethodNotAllowed,
    MissingScope,
    NotFound,
    PlantainError,
    RequestTooLarge,
    Transient,
)
from local.data_folder import DataDirectory

MOUNT = "/laptop"
_PATH = "/faults"
_WHO = "/v1/capabilities"
_LARGEST = 4096  # bytes of a body: each server has a few numbers
_SECONDS = 10.0
_NOT_PASSED_ON = frozenset({"host", "connection", "origin", "transfer-encoding"})


class FaultRelay:
    """A WSGI application that asks the control endpoint, for callers with the scope admin.

    Args:
        data: the folder whose ``stack.json`` says where the API and the control endpoint are.
    """

    def __init__(self, data: DataDirectory) -> None:
        self._data = data

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            response = self._answer(Request(environ))
        except PlantainError as error:
            response = _problem(error)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        """Raises NotFound, MethodNotAllowed, RequestTooLarge, MissingScope and Transient."""
        state = self._data.read_state() or {}
        if request.path != _PATH or "control" not in state:
            raise NotFound("No stack has faults here.")
        if request.method not in ("GET", "PUT"):
            raise MethodNotAllowed("Read faults with GET, and set them with PUT.")
        if (request.content_length or 0) > _LARGEST:
            raise RequestTooLarge(f"Faults have at most {_LARGEST} bytes.")
        caller = _ask("GET", state["api"] + _WHO, headers=_headers_of(request))
        if caller.status_code != 200:
            return _passed_on(caller)
        if "admin" not in caller.json()["scopes"]:
            raise MissingScope("Faults need the scope admin.")
        return _passed_on(_ask(request.method, state["control"] + _PATH, content=request.get_data()))


def _ask(method: str, url: str, **call: Any) -> httpx.Response:
    try:
        return httpx.request(method, url, timeout=_SECONDS, **call)
    except httpx.HTTPError as error:
        raise Transient("The stack does not answer at present.") from error


def _headers_of(request: Request) -> dict[str, str]:
    """Returns the headers that may say who calls."""
    return {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in _NOT_PASSED_ON and not name.lower().startswith("content-")
    }


def _passed_on(answer: httpx.Response) -> Response:
    kind = answer.headers.get("Content-Type", "application/json")
    return Response(answer.content, answer.status_code, {"Cache-Control": "no-store"}, content_type=kind)


def _problem(error: PlantainError) -> Response:
    problem = {"code": error.code, "title": error.title, "detail": error.message, "status": error.status}
    return Response(json.dumps(problem), error.status, content_type="application/problem+json")
