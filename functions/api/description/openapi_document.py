"""The whole document, and each dialect's part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.routing import Rule

from ...contract.batch import BatchEvent
from ...contract.message import JobEvent
from ...contract.release import RELEASE
from ..dialects import DIALECTS, Dialect
from ..scopes import scope_of
from .addresses import read_address, rules_by_method, shown_rule
from .dialect_descriptions import DESCRIPTIONS
from .docstrings import describe_handler
from .error_answers import error_answers, error_kinds
from .model_schemas import Mode, Model, ModelSchemas
from .operation import Answer, Content, DialectDescription, Link, Operation
from .parameters import parameters_of

_WEBHOOKS: dict[str, tuple[Model, str]] = {
    "job-ended": (JobEvent, "A job has ended whose request has a `webhook`."),
    "batch-ended": (BatchEvent, "A batch has ended whose request has a `webhook`."),
}
_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or Google's identity token."},
    "basic": {"type": "http", "scheme": "basic", "description": "The key is the password."},
    **{
        name: {"type": "apiKey", "in": "header", "name": name}
        for name in ("X-API-Key", "x-goog-api-key", "api-key")
    },
}
_TEXT = (
    "Draws and edits pictures. Plantain's own part is `/v1/jobs`, `/v1/batches` and what belongs to them. "
    "The others are interfaces of services whose clients call Plantain unchanged. What several of them have "
    "at one address is shown where no header of a client is needed; `x-plantain-also-at` names the others. "
    "`x-plantain-scope` is what a key must allow. `/openapi.json?dialect=own` is one part alone."
)


def build_document(names: Sequence[str] = tuple(DIALECTS)) -> dict[str, Any]:
    """Returns the OpenAPI document of the dialects named."""
    said = [DESCRIPTIONS[name] for name in names]
    schemas = ModelSchemas(_models(said), _parameter_models(said))
    paths: dict[str, dict[str, Any]] = {}
    for name in names:
        for endpoint in DESCRIPTIONS[name].operations:
            for path, method, operation in _describe_endpoint(DIALECTS[name], endpoint, schemas):
                paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plantain",
            "version": RELEASE,
            "description": _TEXT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{}, *({name: []} for name in _KEYS)],
        "tags": [{"name": each.title, "description": each.text} for each in said],
        "paths": paths,
        "webhooks": {name: _webhook(*facts, schemas) for name, facts in _WEBHOOKS.items()},
        "components": {"schemas": schemas.components, "securitySchemes": _KEYS},
    }


def operation_id(endpoint: str) -> str:
    """Returns the name of an endpoint as programs that make clients take it."""
    return endpoint.replace(".", "_").replace("-", "_")


def _models(said: Sequence[DialectDescription]) -> Iterator[tuple[Model, Mode]]:
    for model, _ in _WEBHOOKS.values():
        yield model, "serialization"
    for dialect in said:
        yield dialect.error_model, "serialization"
        for operation in dialect.operations.values():
            for content in operation.body:
                for model in _models_of(content):
                    yield model, "validation"
            for content in (each for answer in operation.answers.values() for each in answer.contents):
                for model in _models_of(content):
                    yield model, "serialization"


def _parameter_models(said: Sequence[DialectDescription]) -> Iterator[Model]:
    for dialect in said:
        for operation in dialect.operations.values():
            yield from (model for model in (operation.query, operation.headers) if model is not None)


def _models_of(content: Content) -> tuple[Model, ...]:
    return (*((content.model,) if content.model else ()), *content.events)


def _describe_endpoint(
    dialect: Dialect, endpoint: str, schemas: ModelSchemas
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yields the address, the method and the description for each method of the endpoint."""
    rules = rules_by_method(dialect.routes.iter_rules(endpoint))
    for n, (method, found) in enumerate(sorted(rules.items())):
        name = operation_id(endpoint) if n == 0 else f"{operation_id(endpoint)}_{method}"
        path, described = _describe_rules(dialect, endpoint, found, schemas)
        yield path, method, {"operationId": name, **described}


def _describe_rules(
    dialect: Dialect, endpoint: str, rules: Sequence[Rule], schemas: ModelSchemas
) -> tuple[str, dict[str, Any]]:
    said = DESCRIPTIONS[dialect.name]
    address = read_address(shown_rule(rules, dialect, said.prefixes), said.path_parameters)
    operation = said.operations[endpoint]
    parameters = [*address.parameters, *_parameters(operation, schemas)]
    others = sorted({read_address(rule, {}).path for rule in rules} - {address.path})
    return address.path, {
        "tags": [said.title],
        **describe_handler(dialect.handlers[endpoint]),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _request_body(operation, schemas)} if operation.body else {}),
        "responses": _responses(said, operation, schemas),
        "x-plantain-scope": scope_of(endpoint),
        **({"x-plantain-also-at": others} if others else {}),
    }


def _parameters(operation: Operation, schemas: ModelSchemas) -> Iterator[dict[str, Any]]:
    if operation.query is not None:
        yield from parameters_of(schemas.schema_of_parameters(operation.query), "query")
    if operation.headers is not None:
        yield from parameters_of(schemas.schema_of_parameters(operation.headers), "header")


def _request_body(operation: Operation, schemas: ModelSchemas) -> dict[str, Any]:
    forms = {each.media_type: _content(each, "validation", schemas) for each in operation.body}
    return {"required": operation.needs_body, "content": forms}


def _responses(said: DialectDescription, operation: Operation, schemas: ModelSchemas) -> dict[str, Any]:
    found = {str(status): _response(answer, schemas) for status, answer in operation.answers.items()}
    for status, text in error_answers(error_kinds(operation), said.error_status).items():
        body = {said.error_media_type: {"schema": schemas.reference(said.error_model, "serialization")}}
        found.setdefault(str(status), {"description": text, "content": body})
    return dict(sorted(found.items()))


def _response(answer: Answer, schemas: ModelSchemas) -> dict[str, Any]:
    forms = {each.media_type: _content(each, "serialization", schemas) for each in answer.contents}
    headers = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
    }
    return {
        "description": answer.meaning,
        **({"headers": headers} if headers else {}),
        **({"content": forms} if forms else {}),
        **({"links": dict(_describe_link(link) for link in answer.links)} if answer.links else {}),
    }


def _describe_link(link: Link) -> tuple[str, dict[str, Any]]:
    name = operation_id(link.endpoint)
    return name, {"operationId": name, "parameters": dict(link.parameters)}


def _content(content: Content, mode: Mode, schemas: ModelSchemas) -> dict[str, Any]:
    if content.events:
        events = [schemas.reference(model, mode) for model in content.events]
        return {"schema": {"type": "string"}, "x-plantain-events": events}
    if content.model is None:
        return {"schema": {"type": "string", "format": "binary"}}
    found: dict[str, Any] = {"schema": schemas.reference(content.model, mode)}
    if content.examples:
        found["examples"] = {name: {"value": dict(value)} for name, value in content.examples.items()}
    return found


def _webhook(model: Model, text: str, schemas: ModelSchemas) -> dict[str, Any]:
    content = {"application/json": {"schema": schemas.reference(model, "serialization")}}
    answer = {"2XX": {"description": "The event was received."}}
    body = {"required": True, "content": content}
    return {"post": {"summary": text, "requestBody": body, "responses": answer, "security": [{}]}}
