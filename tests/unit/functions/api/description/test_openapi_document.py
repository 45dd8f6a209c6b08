"""``/openapi.json``: valid, whole, and made for programs that make clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.datastructures import Headers

from functions.api.description.dialect_descriptions import DESCRIPTIONS
from functions.api.description.openapi_document import build_document, operation_id
from functions.api.dialects import DIALECTS
from functions.api.routes import find_dialect
from functions.contract.schemas import DOCUMENTS

Operation = dict[str, Any]
_VARIABLE = r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>"


@cache
def document(*names: str) -> dict[str, Any]:
    return build_document(names or tuple(DIALECTS))


def operations(*names: str) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document(*names)["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in cast(dict[str, object], value).items():
            if name == "$ref":
                yield str(each)
            yield from references(each)
    elif isinstance(value, list):
        for each in cast(list[object], value):
            yield from references(each)


@pytest.mark.slow
@pytest.mark.parametrize("names", [(), *((name,) for name in DIALECTS)])
def test_the_document_is_valid(names: tuple[str, ...]) -> None:
    OpenAPIV31SpecValidator(document(*names)).validate()


def test_a_document_that_is_not_valid_is_noticed() -> None:
    undeclared = {"get": {"responses": {"200": {"description": "A path whose part is no parameter."}}}}
    broken = {**document(), "paths": {"/v1/things/{thing}": undeclared}, "components": {}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


@pytest.mark.parametrize("names", [(), *((name,) for name in DIALECTS)])
def test_every_schema_that_is_named_is_there_and_every_one_that_is_there_is_named(
    names: tuple[str, ...],
) -> None:
    found = document(*names)
    named = {name.removeprefix("#/components/schemas/") for name in references(found)}
    assert named == set(found["components"]["schemas"])


def test_every_endpoint_of_every_dialect_is_described_once_and_nothing_else() -> None:
    described = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(described)) == len(described)
    served = {operation_id(endpoint) for dialect in DIALECTS.values() for endpoint in dialect.handlers}
    further = {f"{name}_{method}" for name in served for method in ("post", "put")}
    assert served <= set(described) <= served | further
    for name, dialect in DIALECTS.items():
        assert DESCRIPTIONS[name].operations.keys() == dialect.handlers.keys()


def test_every_rule_of_every_dialect_is_named() -> None:
    """An address is shown, or stands among the others of its endpoint, under each of its methods."""
    named = {
        (method.upper(), address)
        for path, method, operation in operations()
        for address in (path, *operation.get("x-plantain-also-at", ()))
    }
    for dialect in DIALECTS.values():
        for rule in dialect.routes.iter_rules():
            address = re.sub(_VARIABLE, r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (method, address) in named


def test_each_address_that_is_shown_needs_no_header_of_a_client() -> None:
    for path, method, operation in operations():
        address = re.sub(r"\{[a-z_]+\}", "1", path)
        dialect = find_dialect(address, Headers())
        endpoint, _ = dialect.routes.bind("").match(address, method.upper())
        assert operation["operationId"] in (operation_id(endpoint), f"{operation_id(endpoint)}_{method}")
        assert operation["tags"] == [DESCRIPTIONS[dialect.name].title]


def test_each_operation_says_what_it_is_for_and_how_it_fails() -> None:
    for path, _, operation in operations():
        assert operation["summary"], path
        assert "Raises" not in operation["summary"] + operation.get("description", ""), path
        assert {"401", "500", "503"} <= operation["responses"].keys(), path
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), path


def test_the_variable_parts_of_a_path_are_its_parameters() -> None:
    for path, _, operation in operations():
        named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert named == set(re.findall(r"\{([a-z_]+)\}", path)), path


def test_the_contracts_own_documents_are_described_as_the_contract_has_them() -> None:
    schemas = document()["components"]["schemas"]
    for name in ("job-request", "manifest", "batch-manifest", "event", "batch-event"):
        model = DOCUMENTS[name]
        assert schemas[model.__name__]["properties"].keys() == model.model_fields.keys()


def test_a_stream_a_form_and_a_file_are_described_as_such() -> None:
    paths = document()["paths"]
    events = paths["/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert events["x-plantain-events"] == [{"$ref": "#/components/schemas/JobProgress"}]
    form = paths["/v1/images/edits"]["post"]["requestBody"]["content"]
    assert form.keys() == {"multipart/form-data", "application/json"}
    picture = paths["/v1/jobs/{job_id}/images/{n}"]["get"]["responses"]["200"]["content"]["image/png"]
    assert picture == {"schema": {"type": "string", "format": "binary"}}


def test_a_part_alone_has_no_address_of_another() -> None:
    tags = {operation["tags"][0] for _, _, operation in operations("own")}
    assert tags == {"Plantain"}
    assert all(path.startswith("/v1/") for path, _, _ in operations("own"))


def test_each_dialect_has_its_own_shape_and_statuses_of_errors() -> None:
    paths = document()["paths"]
    own = paths["/v1/jobs"]["post"]["responses"]
    openai = paths["/v1/images/generations"]["post"]["responses"]
    gemini = paths["/v1beta/models/{model}:generateContent"]["post"]["responses"]
    assert own["422"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    }
    assert "prompt_blocked" in own["422"]["description"]
    assert "prompt_blocked" in openai["400"]["description"]
    assert "413" not in gemini


def test_every_link_leads_to_an_operation_and_its_parameters() -> None:
    known = {operation["operationId"]: operation for _, _, operation in operations()}
    links = [
        link
        for operation in known.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) > 15
    for link in links:
        parameters = {each["name"] for each in known[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) <= parameters, link
