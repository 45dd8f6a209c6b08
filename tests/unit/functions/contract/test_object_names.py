"""The names that Cloud Storage accepts, and their addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import object_names
from functions.contract.errors import InvalidRequest


@pytest.mark.parametrize(
    "uri",
    [
        "gs://uploads/a.png",
        "gs://my.bucket-1/a b/ü/#?%.png",
        "gs://uploads/..a/b..",
        "gs://uploads//a",
        "gs://uploads/" + "a" * 1_024,
    ],
)
def test_an_object_is_named_as_it_was_written(uri: str) -> None:
    assert str(object_names.parse_uri(uri)) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "uploads/a.png",
        "https://uploads/a.png",
        "gs://uploads",
        "gs://uploads/",
        "gs:///a.png",
        "gs://Uploads/a.png",
        "gs://-uploads/a.png",
        "gs://upl/../a.png",
        "gs://uploads/../records/a",
        "gs://uploads/a/..",
        "gs://uploads/./a",
        "gs://../a",
        "gs://uploads/a\nb",
        "gs://uploads/a.png\n",
        "gs://uploads/" + "a" * 1_025,
        "gs://uploads/" + "é" * 513,
        " gs://uploads/a.png",
    ],
)
def test_what_names_no_object_or_climbs_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="gs://bucket/name"):
        object_names.parse_uri(uri)


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("gs://up/a.png", "a bucket has 3 to 222"),
        ("gs://uploads/../a", 'may be "." or ".."'),
        ("gs://uploads/" + "é" * 513, "has 1 to 1,024 bytes"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(uri: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        object_names.parse_uri(uri)


@given(st.text())
def test_any_text_is_a_uri_or_refused(text: str) -> None:
    for uri in (text, f"gs://uploads/{text}"):
        try:
            name = object_names.parse_uri(uri).name
        except InvalidRequest:
            continue
        assert ".." not in name.split("/")
        assert len(name.encode()) <= 1_024
