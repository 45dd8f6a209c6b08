"""Whatever is sent to the embedded Cloud Storage, it answers, and never with an error of its own."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.local.storage_servers import Embedded, embedded

ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
)
PROPERTIES = ["name", "metadata", "contentType", "cacheControl", "md5Hash", "crc32c", "storageClass"]
OTHERS = ["labels", "cors", "topic", "event_types", "payload_format", "custom_attributes", "sourceObjects"]
KEYS = st.sampled_from([*PROPERTIES, *OTHERS])
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        running.client.create_bucket("bucket").blob("object").upload_from_string(b"data")
        yield running


ADDRESSES: list[tuple[str, str]] = [
    ("PATCH", "/storage/v1/b/bucket/o/object"),
    ("PUT", "/storage/v1/b/bucket/o/object"),
    ("POST", "/storage/v1/b/bucket/o/composed/compose"),
    ("POST", "/storage/v1/b/bucket/o/object/rewriteTo/b/bucket/o/copy"),
    ("POST", "/upload/storage/v1/b/bucket/o?uploadType=resumable"),
    ("POST", "/storage/v1/b"),
    ("PATCH", "/storage/v1/b/bucket"),
    ("POST", "/storage/v1/b/bucket/notificationConfigs"),
]


@ANY
@given(document=DOCUMENTS, address=st.sampled_from(ADDRESSES))
def test_any_document_is_answered(
    storage: Embedded, document: dict[str, Any], address: tuple[str, str]
) -> None:
    answer = storage.http.request(*address, content=json.dumps(document).encode(errors="surrogatepass"))
    assert answer.status_code < 500
    assert storage.http.get("/bucket/object").status_code == 200
    assert storage.http.get("/storage/v1/b/bucket/o").status_code == 200


@pytest.mark.parametrize(
    "source",
    [
        None,
        1,
        [],
        {"name": 1},
        {"name": "object", "generation": "x"},
        {"name": "object", "objectPreconditions": 1},
    ],
)
def test_any_source_of_a_composition_is_answered(storage: Embedded, source: object) -> None:
    address = "/storage/v1/b/bucket/o/composed/compose"
    answer = storage.http.post(address, json={"sourceObjects": [source], "destination": 7})
    assert answer.status_code == 400
    assert storage.http.post(address, json={"sourceObjects": [source]}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"7", b"null", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000],
)
def test_a_body_that_is_no_document_is_refused(storage: Embedded, body: bytes) -> None:
    answer = storage.http.patch("/storage/v1/b/bucket/o/object", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "parseError"


def test_a_document_too_long_is_refused(storage: Embedded) -> None:
    body = b'{"metadata": {"a": "%s"}}' % (b"x" * 2_000_000)
    assert storage.http.patch("/storage/v1/b/bucket/o/object", content=body).status_code == 413


def test_lone_surrogates_are_kept_where_text_is_free_and_refused_in_names(storage: Embedded) -> None:
    body = b'{"metadata": {"a": "\\ud800"}}'
    assert storage.http.patch("/storage/v1/b/bucket/o/object", content=body).status_code == 200
    assert storage.http.get("/bucket/object").status_code == 200
    address = "/upload/storage/v1/b/bucket/o?uploadType=resumable"
    assert storage.http.post(address, content=b'{"name": "\\ud800"}').status_code == 400


@ANY
@given(
    path=st.binary(max_size=20),
    method=st.sampled_from(["GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"]),
)
def test_any_address_is_answered(storage: Embedded, path: bytes, method: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in path)
    for prefix in ("/", "/bucket/", "/storage/v1/", "/storage/v1/b/bucket/o/", "/storage/v1/b/"):
        status = storage.http.request(method, prefix + encoded).status_code
        assert status < 500 or status == 501  # of what is refused by name


@ANY
@given(
    header=st.sampled_from(
        ["range", "content-range", "x-goog-hash", "x-goog-if-generation-match", "if-match"]
    ),
    value=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
)
def test_any_header_is_answered(storage: Embedded, header: str, value: str) -> None:
    for method in ("GET", "HEAD"):
        assert storage.http.request(method, "/bucket/object", headers={header: value}).status_code < 500
    assert storage.http.put("/bucket/other", headers={header: value}).status_code < 500
    url = storage.client.bucket("bucket").blob("resumed").create_resumable_upload_session()
    assert storage.http.put(url, headers={header: value}).status_code < 500


@ANY
@given(
    query=st.dictionaries(
        st.sampled_from(["prefix", "delimiter", "startOffset", "endOffset"]), st.text("a/\x00\U0010ffff")
    )
)
def test_any_listing_is_answered(storage: Embedded, query: dict[str, str]) -> None:
    assert storage.http.get("/storage/v1/b/bucket/o", params=query).status_code == 200
