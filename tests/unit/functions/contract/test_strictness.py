"""A number is a number and a yes a yes, however a caller spells them; old records stay readable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from functions.contract.batch import BatchWebhook
from functions.contract.document import field_of
from functions.contract.request import JobRequest, Webhook

GENERATE = {"task": "generate", "prompt": "a red boat"}
IMAGE = {"uri": "gs://uploads/a.png"}
EDIT = {"task": "edit", "prompt": "make the boat blue", "images": [IMAGE]}

LOOSE: list[tuple[str, dict[str, Any]]] = [
    *(("count", {"count": value}) for value in (True, "1", 2.0)),
    *(("seed", {"seed": value}) for value in (True, "7", 7.0)),
    *(("steps", {"steps": value}) for value in (True, "4", 4.0)),
    *(("deadline_seconds", {"deadline_seconds": value}) for value in (True, "60", 60.0)),
    *(("guidance", {"guidance": value}) for value in (True, "3.5")),
    *(("strength", {**EDIT, "strength": value}) for value in (True, "0.5")),
    *(("bit_depth", {"bit_depth": value}) for value in (True, "8", 8.0, 16.0)),
    *(("visible_mark", {"visible_mark": value}) for value in (1, 0, "true", "yes", 1.0)),
    *(("dry_run", {"dry_run": value}) for value in (1, 0, "true", "off", 0.0)),
    *(("correction.attempts", {"correction": {"attempts": value}}) for value in (True, "2", 2.0)),
    *(("correction.threshold", {"correction": {"threshold": value}}) for value in (True, "0.5")),
    *(("images[0].generation", {**EDIT, "images": [IMAGE | {"generation": v}]}) for v in (True, "1", 1.0)),
    *(("region.box[0]", {**EDIT, "region": {"box": [value, 0, 1, 1]}}) for value in (False, "0")),
    *(
        ("region.polygon[1][0]", {**EDIT, "region": {"polygon": [[0, 0], [v, 0], [1, 1]]}})
        for v in (True, "1")
    ),
    *(("prompt", {"prompt": value}) for value in (1, True, 1.5, ["a"])),
    *(("labels.n", {"labels": {"n": value}}) for value in (1, True, None)),
]


@pytest.mark.parametrize(("field", "fields"), LOOSE, ids=[repr(fields)[-60:] for _, fields in LOOSE])
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "python"])
def test_what_only_looks_like_the_type_is_refused(field: str, fields: dict[str, Any], as_json: bool) -> None:
    body = {**GENERATE, **fields}
    with pytest.raises(ValidationError) as refused:
        JobRequest.model_validate_json(json.dumps(body)) if as_json else JobRequest.model_validate(body)
    assert field_of(refused.value) == field


def test_a_whole_number_is_a_fraction_too() -> None:
    request = JobRequest.model_validate({**GENERATE, "guidance": 3, "correction": {"threshold": 1}})
    assert (request.guidance, request.correction.threshold) == (3.0, 1.0)


@pytest.mark.parametrize("url", ["HTTP://example.com/hook", "HTTPS://example.com", "Https://example.com/a"])
def test_a_scheme_is_the_same_in_capitals(url: str) -> None:
    assert Webhook(url=url).url == url
    assert BatchWebhook(url=url).url == url


def test_a_record_of_before_may_name_no_event() -> None:
    """It was taken once: its owner still gets at the job."""
    stored = json.dumps({**GENERATE, "webhook": {"url": "https://example.com/hook", "events": []}})
    request = JobRequest.model_validate_json(stored)
    assert request.webhook is not None
    assert request.webhook.events == ()


@pytest.mark.parametrize("field", ["images", "prompts", "polygon", "events"])
def test_the_first_fault_of_a_long_list_ends_its_validation(field: str) -> None:
    faulty: dict[str, Any] = {
        "images": {"images": [{}] * 1_000},
        "prompts": {"prompts": [""] * 1_000},
        "polygon": {"region": {"polygon": [["x", "y"]] * 1_000}},
        "events": {"webhook": {"url": "https://example.com", "events": ["x"] * 1_000}},
    }[field]
    with pytest.raises(ValidationError) as refused:
        JobRequest.model_validate({**GENERATE, **faulty})
    assert refused.value.error_count() <= 3
