"""How a file is read: whatever it holds, each line is a request or says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.batches.line_formats import parse_own_request
from functions.batches.request_lines import RequestLine, check_file, iter_lines, iter_requests
from functions.contract.errors import InvalidRequest, PlantainError, RequestTooLarge
from functions.contract.request import JobRequest
from functions.intake import strict_json

BOAT = {"task": "generate", "prompt": "a red boat"}


def never_called(*_: object, **__: object) -> object:
    pytest.fail("it was parsed")


def read(*texts: str) -> list[RequestLine]:
    return list(iter_requests("\n".join(texts).encode()))


def request_of(found: RequestLine, defaults: Mapping[str, Any]) -> JobRequest:
    if found.error is not None:
        raise found.error
    return parse_own_request(found, defaults)


def error(found: RequestLine) -> PlantainError:
    with pytest.raises(PlantainError) as raised:
        request_of(found, {})
    return raised.value


@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        (b"a\nb", [1, 2]),
        (b"a\nb\n", [1, 2]),
        (b"a\r\nb\r\n", [1, 2]),
        (b"\n\n a \n\t\nb", [3, 5]),
        (b"\xef\xbb\xbfa\nb", [1, 2]),
        (b"\xef\xbb\xbf", []),
        ("a\u2028b\u0085c\nd".encode(), [1, 2]),  # what JSON may hold ends no line
    ],
)
def test_lines_are_numbered_as_editors_do(data: bytes, numbers: list[int]) -> None:
    assert [line.number for line in iter_lines(data)] == numbers


@given(st.binary(max_size=400))
def test_no_bytes_whatsoever_raise(data: bytes) -> None:
    for found in iter_requests(data):
        assert (found.body is None) != (found.error is None)


@given(st.lists(st.dictionaries(st.text(), st.none() | st.integers() | st.text(), max_size=3), max_size=8))
def test_what_was_written_is_read(bodies: list[dict[str, Any]]) -> None:
    bodies = [{f"x{key}": value for key, value in body.items()} for body in bodies]
    found = read(*(json.dumps(body) for body in bodies))
    assert [each.body for each in found] == bodies


def test_a_request_may_be_wrapped_and_named() -> None:
    plain, wrapped, flat = read(
        json.dumps(BOAT),
        json.dumps({"custom_id": "b", "idempotency_key": "k", "request": BOAT}),
        json.dumps({"custom_id": "c", **BOAT}),
    )
    assert request_of(plain, {}) == request_of(wrapped, {}) == request_of(flat, {})
    assert [each.custom_id for each in (plain, wrapped, flat)] == [None, "b", "c"]
    assert wrapped.idempotency_key == "k"


def test_a_line_is_stronger_than_the_defaults() -> None:
    (found,) = read('{"prompt": "a boat", "size": "512"}')
    request = request_of(found, {"task": "generate", "size": "1K", "format": "webp"})
    assert (request.task, request.size, request.format) == ("generate", "512", "webp")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"custom_id": 7}', "custom_id"),
        ('{"custom_id": ""}', "custom_id"),
        ('{"custom_id": "a\\nb"}', "custom_id"),
        ('{"custom_id": "\\ud800"}', "custom_id"),
        (json.dumps({"custom_id": "x" * 129}), "custom_id"),
        ('{"idempotency_key": "ü"}', "idempotency_key"),
        ('{"idempotency_key": []}', "idempotency_key"),
        ('{"request": {}, "task": "generate"}', "task"),
        ('{"request": []}', "request"),
        ('{"task": "generate", "task": "edit"}', "task"),
        ('{"task": "generate", "prompt": "a", "dry_run": true}', "dry_run"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(text: str, field: str) -> None:
    (found,) = read(text)
    assert error(found).field == field


def test_a_line_that_is_no_json_says_where(text: str = '{"task": generate}') -> None:
    (found,) = read(text)
    assert error(found).message.startswith("Column 10")


def test_an_id_belongs_to_the_first_line_that_has_it() -> None:
    first, other, again, key, same_key = read(
        json.dumps({"custom_id": "a", **BOAT}),
        json.dumps({"custom_id": "b", **BOAT}),
        json.dumps({"custom_id": "a", **BOAT}),
        json.dumps({"idempotency_key": "a", **BOAT}),
        json.dumps({"idempotency_key": "a", **BOAT}),
    )
    assert [each.error for each in (first, other, key)] == [None] * 3
    assert "Line 1" in error(again).message
    assert "Line 4" in error(same_key).message


def test_the_error_of_a_line_repeats_nothing_of_it() -> None:
    (found,) = read('{"task": "generate", "prompt": "a boat", "seed": "zebra"}')
    assert "zebra" not in error(found).message


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\0\0", b"[\n{},\n{}\n]", b"1\n2\n"])
def test_what_is_no_json_lines_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        check_file(data)


def test_some_bad_lines_do_not_make_a_bad_file() -> None:
    assert check_file(b"oops\n" * 9 + b"{}\n\n") == 10


def test_too_many_lines_are_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.batches.request_lines.MAX_ITEMS", 3)
    assert check_file(b"{}\n\n" * 3) == 5
    with pytest.raises(RequestTooLarge, match="4 requests"):
        check_file(b"{}\n" * 4)


def test_a_line_of_many_values_is_refused_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_json.json, "loads", never_called)
    (found,) = read('{"images": [' + "{}," * 50_000 + "{}]}")
    assert error(found).code == "invalid_request"
