"""JSON from outside, read strictly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.contract.errors import InvalidRequest
from functions.intake.strict_json import parse_json_object

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=20,
)


@pytest.mark.slow
@given(some.dictionaries(some.text(), values))
def test_what_is_json_is_read_as_it_is(value: dict[str, object]) -> None:
    assert parse_json_object(json.dumps(value).encode()) == value


@given(some.binary(max_size=100))
def test_what_is_not_is_refused(data: bytes) -> None:
    try:
        assert isinstance(parse_json_object(data), dict)
    except InvalidRequest:
        return


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "a"),
        ('{"a": {"b": 1, "b": 1}}', "b"),
        ('{"a": [{"\\u0062": 1, "b": 1}]}', "b"),
    ],
)
def test_a_field_is_given_once(text: str, field: str) -> None:
    with pytest.raises(InvalidRequest, match=f"The field {field} is given twice.") as refused:
        parse_json_object(text.encode())
    assert refused.value.field == field


@pytest.mark.parametrize("text", ['{"NAME": 1, "NAME": 2}', '{"NAME": "\\ud800"}'])
def test_a_long_name_of_a_field_is_not_repeated_as_a_whole(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_json_object(text.replace("NAME", "a" * 100_000).encode())
    assert refused.value.field == "a" * 80
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "[" * 100_000, "9" * 5_000, "[]", "{}}", "\ufeff{}"]
)
def test_what_readers_take_differently_is_refused(text: str) -> None:
    for body in (text, f'{{"a": {text}}}'):
        if body == '{"a": []}':
            continue
        with pytest.raises(InvalidRequest):
            parse_json_object(body.encode())
