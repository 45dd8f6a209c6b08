"""What is refused is refused on its bytes: no parser sees it, and next to no memory is taken."""

from __future__ import annotations

import base64
import json
import re
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.contract.errors import InvalidRequest, UnreadableMessage
from functions.contract.message import MAX_MESSAGE, JobMessage
from functions.contract.prompts import MAX_PROMPT
from functions.contract.request import MAX_WORDING
from functions.contract.validation.json_bounds import NO_FILES, JsonBounds, check_bounds
from functions.intake import strict_json


def never_called(*_: object, **__: object) -> object:
    pytest.fail("it was parsed")


MANY = 200_000
HOSTILE = {
    "empty objects": b'{"task":"generate","prompt":"x","images":[' + b"{}," * MANY + b"{}]}",
    "empty texts": b'{"prompts":[' + b'"",' * MANY + b'""]}',
    "points": b'{"region":{"polygon":[' + b"[0,0]," * MANY + b"[0,0]]}}",
    "numbers": b'{"images":[' + b"0," * 6_000 + b"0]}",
    "fields": b"{" + b",".join(b'"%d":0' % n for n in range(MANY)) + b"}",
    "lists in lists": b'{"a":' + b"[" * MANY + b"]" * MANY + b"}",
    "objects in objects": b'{"a":' * 4_000 + b"0" + b"}" * 4_000,
    "a little too deep": b"[" * 65 + b"]" * 65,
    "spaces": b'{"task":' + b" " * 2**20 + b'"generate"}',
    "digits": b'{"seed":' + b"9" * 2**20 + b"}",
    "a fraction's digits": b'{"guidance":0.' + b"9" * 2**20 + b"}",
    "a long prompt": b'{"prompt":"' + b"x" * 2**21 + b'"}',
    "a long name": b'{"' + b"x" * 2**21 + b'":0}',
    "data in escapes": b'{"data":"' + b"\\u0041" * 2**19 + b'"}',
    "data in backslashes": b'{"data":"' + b"\\\\" * 2**20 + b'"}',
    "quotation marks": b'{"prompt":"' + b'\\"' * MANY + b'"}',
    "an open end": b'{"data":"' + b"A" * 2**21,
    "an open end in backslashes": b'{"data":"' + b"\\" * 2**21,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_text_meets_no_parser(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_json.json, "loads", never_called)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidRequest):
            strict_json.parse_json_object(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_picture_of_28_mb_passes_without_a_copy() -> None:
    text = b'{"images":[{"data":"' + base64.b64encode(b"\x00" * 21_000_000) + b'"}]}'
    tracemalloc.start()
    try:
        check_bounds(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_picture_of_28_mb_is_copied_once_and_never_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    file = base64.b64encode(b"\x00" * 20_000_000)
    text = b'{"images": [{"data": "%s"}, {"data": "%s"}], "colour": "red"}' % (file, file[:400_000])
    parsed: list[int] = []
    loads = json.loads

    def counted(text: str, **how: Any) -> object:
        parsed.append(len(text))
        return loads(text, **how)

    monkeypatch.setattr(strict_json.json, "loads", counted)
    tracemalloc.start()
    try:
        found = strict_json.parse_json_object(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == {"images": [{"data": file.decode()}, {"data": file[:400_000].decode()}], "colour": "red"}
    assert max(parsed) < 1_000
    assert peak < len(text) + 2**20


@pytest.mark.parametrize("letter", [b"\xff", "ü".encode()])
def test_a_file_of_other_letters_is_refused(letter: bytes) -> None:
    with pytest.raises(InvalidRequest):
        strict_json.parse_json_object(b'{"data": "%s"}' % (letter * 400_000))


def test_a_file_is_long_only_where_files_belong() -> None:
    file = b"A" * 2**20
    with pytest.raises(InvalidRequest) as refused:
        check_bounds(b'{"prompt": "%s"}' % file)
    assert refused.value.field == "prompt"
    with pytest.raises(InvalidRequest):
        check_bounds(b'{"data": "%s"}' % file, NO_FILES)
    check_bounds(b'{"image_url": "%s"}' % file, JsonBounds(long_fields=frozenset({b"image_url"})))


@pytest.mark.parametrize("letter", ["\U0001f6a4", '"', "\\", "\n"])
def test_the_longest_prompts_pass(letter: str) -> None:
    """As many as a request may have, each character as long as JSON can spell it."""
    count = 1 if letter == '"' else MAX_WORDING // MAX_PROMPT
    prompts = json.dumps({"prompts": [letter * MAX_PROMPT] * count, "labels": {"a": "b"}})
    check_bounds(prompts.encode())
    assert strict_json.parse_json_object(prompts.encode()) == json.loads(prompts)


def test_a_string_ends_at_its_bound() -> None:
    most = JsonBounds().string
    check_bounds(b'{"prompt":"' + b"x" * (most - 1) + b'"}')
    with pytest.raises(InvalidRequest):
        check_bounds(b'{"prompt":"' + b"x" * most + b'"}')


texts = some.text(alphabet=some.sampled_from('ab"\\,:[]{}\n\u00fc\U0001f6a4'), max_size=12)
values = some.recursive(
    some.none() | some.integers() | texts,
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


@given(values, some.booleans())
def test_only_what_lies_outside_of_strings_is_counted(value: object, as_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=as_ascii).encode()
    syntax = _STRING.sub(b"", text)
    count = syntax.count(b",") + syntax.count(b"[") + syntax.count(b"{")
    check_bounds(text, JsonBounds(values=count, syntax=len(syntax)))
    if count:
        with pytest.raises(InvalidRequest):
            check_bounds(text, JsonBounds(values=count - 1))
    with pytest.raises(InvalidRequest):
        check_bounds(text, JsonBounds(syntax=len(syntax) - 1))


@given(some.binary(max_size=200))
def test_any_bytes_pass_or_are_refused(data: bytes) -> None:
    try:
        check_bounds(data)
    except InvalidRequest:
        return


@pytest.mark.parametrize("depth", [1, 64])
def test_the_depth_is_counted(depth: int) -> None:
    check_bounds(b"[" * depth + b"]" * depth, JsonBounds(depth=depth))
    with pytest.raises(InvalidRequest):
        check_bounds(b"[" * depth + b"{}" + b"]" * depth, JsonBounds(depth=depth))


@pytest.mark.parametrize(
    "text",
    ['{"a": 1e999}', '{"a": [-1e999]}', '{"a": "\\ud800"}', '{"\\udfff": 1}', '{"a": [{"b": "x\\udc00"}]}'],
)
def test_what_could_not_be_stored_again_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        strict_json.parse_json_object(text.encode())


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert strict_json.parse_json_object(b'{"a": "\\ud83d\\udea4"}') == {"a": "\U0001f6a4"}


def test_a_long_message_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JobMessage, "model_validate_json", never_called)
    with pytest.raises(UnreadableMessage):
        JobMessage.decode(b'{"job_id": "' + b"a" * MAX_MESSAGE + b'"}')
