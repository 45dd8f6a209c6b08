"""Compares every answer that a test gets with the description of its address in ``/openapi.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from functions.api.description.dialect_descriptions import DESCRIPTIONS
from functions.api.description.openapi_document import build_document, operation_id
from functions.api.open_pages import is_open_page
from functions.api.routes import find_dialect
from functions.http_edge.json_response import JSON, PROBLEM

_WHERE = "urn:plantain:description"
_WITHOUT_BODY = (204, 302, 304)
_PROBES = ("/healthz", "/readyz")
_ADVICE = "say so in functions/api/{dialect}/description.py and its answers"


class NotAsDescribed(AssertionError):
    """The answer is none that its address has."""


@dataclass(frozen=True)
class DescribedAnswer:
    """What the description says of one answer. ``contents`` are its forms by media type."""

    what: str
    dialect: str
    contents: dict[str, Any]

    def check_media_type(self, mimetype: str | None, *, has_body: bool) -> None:
        """Raises NotAsDescribed for a form of the answer that is not described."""
        if has_body and mimetype not in self.contents:
            raise NotAsDescribed(f"{self.what}: {mimetype} is not described: {self._advice}")
        if not has_body and self.contents:
            raise NotAsDescribed(f"{self.what}: it has no body: {self._advice}")

    def check_body(self, mimetype: str | None, data: bytes) -> None:
        """Raises NotAsDescribed for a body with another shape, or with fields that are not described."""
        content = self.contents.get(mimetype or "")
        if content is None:
            return
        if "x-plantain-events" in content:
            for event in _events_in(data):
                self._check_value({"anyOf": content["x-plantain-events"]}, event)
        elif "$ref" in content["schema"]:
            self._check_value(content["schema"], json.loads(data))

    def _check_value(self, schema: dict[str, Any], value: Any) -> None:
        faults = sorted(_validator_of(json.dumps(schema)).iter_errors(value), key=str)
        if faults:
            told = "\n".join(f"{fault.json_path}: {fault.message[:400]}" for fault in faults[:5])
            raise NotAsDescribed(f"{self.what}: {self._advice}\n{told}")

    @property
    def _advice(self) -> str:
        return _ADVICE.format(dialect=self.dialect)


def check_answer(response: TestResponse) -> DescribedAnswer | None:
    """Returns what is said of the answer, after its status, its form and its JSON were compared with it.

    A stream is compared when it is read. Raises NotAsDescribed.
    """
    described, mimetype = _find_description(response), response.mimetype
    if described is None or response.request.method == "HEAD":
        return None
    described.check_media_type(mimetype, has_body=response.status_code not in _WITHOUT_BODY)
    if mimetype in (JSON, PROBLEM):
        described.check_body(mimetype, response.data)
    return described


def _find_description(response: TestResponse) -> DescribedAnswer | None:
    """Returns what is said of the answer; None for a page, a probe, and what no route answered.

    Raises NotAsDescribed for a status that its address does not have.
    """
    request, status = response.request, str(response.status_code)
    if request.path.rstrip("/") in _PROBES or is_open_page(request.path) or request.method == "OPTIONS":
        return None
    dialect = find_dialect(request.path, request.headers)
    try:
        endpoint, _ = dialect.routes.bind("").match(request.path, method=request.method)
    except HTTPException:
        return _error_of(dialect.name, f"{request.method} {request.path} {status}")
    what = f"{request.method} {request.path} ({endpoint}) {status}"
    operation = _operations().get(operation_id(endpoint), {"responses": {}})
    described = operation["responses"].get(status)
    if described is None:
        raise NotAsDescribed(f"{what} is not described: {_ADVICE.format(dialect=dialect.name)}")
    return DescribedAnswer(what, dialect.name, described.get("content", {}))


def _error_of(dialect: str, what: str) -> DescribedAnswer:
    said = DESCRIPTIONS[dialect]
    schema = {"$ref": f"#/components/schemas/{said.error_model.__name__}"}
    return DescribedAnswer(what, dialect, {said.error_media_type: {"schema": schema}})


def _events_in(stream: bytes) -> Iterator[Any]:
    for line in stream.decode().splitlines():
        field, _, value = line.partition(": ")
        if field == "data" and value != "[DONE]":
            yield json.loads(value)


@cache
def _document() -> dict[str, Any]:
    """The description, in which no object has other fields than those described."""
    found = deepcopy(build_document())
    for schema in found["components"]["schemas"].values():
        _close(schema)
    return found


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        fields = cast(dict[str, Any], schema)
        if "properties" in fields:
            fields.setdefault("additionalProperties", False)
        for each in fields.values():
            _close(each)
    elif isinstance(schema, list):
        for each in cast(list[Any], schema):
            _close(each)


@cache
def _operations() -> dict[str, Any]:
    methods = (method for item in _document()["paths"].values() for method in item.values())
    return {operation["operationId"]: operation for operation in methods}


@cache
def _validator_of(schema: str) -> Draft202012Validator:
    resource = Resource(contents=_document(), specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_WHERE, resource)
    return Draft202012Validator(_absolute(json.loads(schema)), registry=registry)


def _absolute(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema with references into the document."""
    return json.loads(json.dumps(schema).replace('"#/', f'"{_WHERE}#/'))
