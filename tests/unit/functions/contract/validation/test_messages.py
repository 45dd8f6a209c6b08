"""What a caller reads about a value that is not taken: plain words, and nothing of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from functions.api.own.batches import BatchRequest
from functions.contract import schemas
from functions.contract.request import JobRequest
from functions.contract.validation import messages
from functions.contract.validation.messages import explain_fault, field_of

ASKED = {"task": "generate", "prompt": "a boat"}
PYTHON = re.compile(
    r"Input|valid|dictionary|instance|tuple|Tuple|Field|Extra|inputs|validation|boolean|integer|None|\^|\[key\]|'"
)


def fault(**fields: Any) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        JobRequest.model_validate(ASKED | fields)
    return refused.value


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"task": "paint"},
            "task: must be generate, edit, sequence, outpaint, upscale, animate, suggest or verify",
        ),
        ({"bit_depth": 12}, "bit_depth: must be 8 or 16"),
        ({"colour": "red"}, "colour: there is no such field"),
        ({"steps": "many"}, "steps: must be a whole number"),
        ({"steps": 1.5}, "steps: must be a whole number"),
        ({"steps": 101}, "steps: must be at most 100"),
        ({"seed": -1}, "seed: must be at least 0"),
        ({"seed": 2**32}, "seed: must be at most 4294967295"),
        ({"strength": 0.009}, "strength: must be at least 0.01"),
        ({"strength": 1.5}, "strength: must be at most 1"),
        ({"guidance": 31}, "guidance: must be at most 30"),
        ({"guidance": "a"}, "guidance: must be a number"),
        ({"guidance": float("inf")}, "guidance: must be a finite number"),
        ({"visible_mark": "maybe"}, "visible_mark: must be true or false"),
        ({"prompt": 1}, "prompt: must be a text"),
        ({"prompt": "a" * 32_001}, "prompt: may have at most 32000 characters"),
        ({"prompt": "\ud800"}, "prompt: must be text that UTF-8 can carry"),
        ({"prompt": " "}, "prompt: must say something"),
        ({"images": {}}, "images: must be a list"),
        ({"images": [1]}, "images[0]: must be an object"),
        ({"images": [{"data": ""}] * 17}, "images: may have at most 16 entries"),
        ({"images": [{"uri": "http://a/b"}]}, "images[0].uri: must be written as gs://BUCKET/NAME"),
        ({"webhook": "https://a.example"}, "webhook: must be an object"),
        ({"webhook": {}}, "webhook.url: is missing"),
        ({"webhook": {"url": "ftp://a.example"}}, "webhook.url: must be a URL that begins with https://"),
        ({"webhook": {"url": "http://"}}, "webhook.url: must have at least 8 characters"),
        ({"labels": {"a": 1}}, "labels.a: must be a text"),
        ({"labels": []}, "labels: must be an object"),
        ({"labels": {str(n): "" for n in range(9)}}, "labels.0: the name must be a lowercase letter"),
        ({"region": {"polygon": [[0, 0]]}}, "region.polygon: must have at least 3 entries"),
    ],
)
def test_it_is_said_in_plain_words(fields: dict[str, Any], says: str) -> None:
    told = explain_fault(fault(**fields))
    assert told.startswith(says)
    assert not told.endswith(".0")
    assert not PYTHON.search(told)


def test_the_field_at_fault_has_no_steps_of_pydantic_in_its_name() -> None:
    assert field_of(fault(labels={"A": "a"})) == "labels.A"


def patterns(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(pattern := value.get("pattern"), str):
            yield pattern
        yield from (found for each in value.values() for found in patterns(each))
    elif isinstance(value, list):
        yield from (found for each in value for found in patterns(each))


@pytest.mark.parametrize("model", [*schemas.DOCUMENTS.values(), BatchRequest])
def test_every_way_of_spelling_is_explained(model: type[Any]) -> None:
    known = messages._SPELLINGS  # pyright: ignore[reportPrivateUsage] - what `spelled` has told of
    assert set(patterns(model.model_json_schema())) <= set(known)
