"""What every document shares: strict fields, the version, the hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import batch, job, manifest, message, request, tombstone
from functions.contract.document import VERSION, Document, DocumentPart, Instant, sha256_of_json
from functions.contract.errors import InvalidRequest, UnsupportedVersion

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Note(Document):
    kind: ClassVar[str] = "note"

    text: str
    weight: float = 0.0
    at: Instant | None = None


def test_a_document_survives_the_wire_and_says_its_version() -> None:
    note = Note(text="hello", weight=0.5)
    assert Note.parse(note.encode()) == note
    assert json.loads(note.encode()) == {"version": VERSION, "text": "hello", "weight": 0.5}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"text": "a", "weight": NaN}',
        b'{"text": "a", "weight": -Infinity}',
        b'{"text": "a", "weight": 1e999}',
        b'{"text": "\\ud800"}',
        b'{"text": "a", "more": 1}',
        b'{"text": "a", "version": 0}',
        b'{"text": "a", "version": "two"}',
        b'{"text": "a", "at": "2026-11-01T00:00:00"}',
        b"[" * 100_000,
        b'{"text":' * 100_000,
        b'{"text": "a", "weight": ' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_not_the_document_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidRequest):
        Note.parse(text)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_raise_anything_untyped(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        Note.parse(data)


@given(st.dictionaries(st.sampled_from(["text", "weight", "version", "at"]), values))
def test_no_json_at_all_raises_anything_untyped(value: dict[str, Any]) -> None:
    try:
        Note.parse(json.dumps(value).encode())
    except InvalidRequest:
        return


@pytest.mark.parametrize("text", [b'{"version": 2, "text": "a"}', b'{"version": 3, "subject": {"new": []}}'])
def test_a_newer_document_is_told_from_a_broken_one(text: bytes) -> None:
    with pytest.raises(UnsupportedVersion, match=f"note has version .* reads up to {VERSION}"):
        Note.parse(text)


def test_the_fault_is_named_by_its_field_and_never_shows_the_value() -> None:
    with pytest.raises(InvalidRequest) as refused:
        Note.parse(b'{"text": ["a secret"]}')
    assert refused.value.field == "text"
    assert "text" in refused.value.message
    assert "secret" not in refused.value.message


def test_a_field_name_as_long_as_a_book_is_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as refused:
        Note.parse(json.dumps({"text": "a", "x" * 1_000_000: 1}).encode())
    assert len(refused.value.message) < 300


def test_instants_are_kept_in_utc() -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    note = Note(text="a", at=noon)
    assert note.at == noon
    assert note.at is not None
    assert note.at.tzinfo is UTC


@given(values)
def test_the_digest_is_of_the_value_and_not_of_its_spelling(value: Any) -> None:
    spelled = json.loads(json.dumps({"b": value, "a": 1}, indent=3, ensure_ascii=False))
    assert sha256_of_json(spelled) == sha256_of_json({"a": 1, "b": value})


def test_different_values_have_different_digests() -> None:
    assert len({sha256_of_json(value) for value in (1, "1", [1], {"1": 1}, None, True, "é", "e")}) == 8


MODULES = (batch, job, manifest, message, request, tombstone)


def parts_of_documents(cls: type[DocumentPart] = DocumentPart) -> Iterator[type[DocumentPart]]:
    """Yields every class of the contract whose values a document holds."""
    for child in cls.__subclasses__():
        if child.__module__ in {module.__name__ for module in MODULES}:
            yield child
        yield from parts_of_documents(child)


def test_what_may_be_missing_is_left_out_and_read_back() -> None:
    """Documents are written without nulls: a field that may be None needs a default."""
    lacking = [
        f"{part.__name__}.{name}"
        for part in parts_of_documents()
        for name, field in part.model_fields.items()
        if field.is_required() and type(None) in get_args(field.annotation)
    ]
    assert lacking == []
