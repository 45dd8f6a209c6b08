"""Signed URLs of the embedded Cloud Storage: plain HTTP, as a browser or curl sends it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account
from httpx import Headers

from tests.integration.local.storage_servers import Embedded, embedded


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


@pytest.fixture(scope="module")
def signer() -> Any:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return service_account.Credentials.from_service_account_info(
        {
            "client_email": "signer@example.com",
            "private_key": pem.decode(),
            "token_uri": "https://example.com/token",
        }
    )


def _signed(storage: Embedded, blob: Any, signer: Any, **options: Any) -> str:
    options = {"expiration": timedelta(minutes=5), "version": "v4", **options}
    return blob.generate_signed_url(credentials=signer, api_access_endpoint=storage.url, **options)


def _at(begin: datetime, seconds: int) -> str:
    date = begin.strftime("%Y%m%dT%H%M%SZ")
    signature = "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a&X-Goog-SignedHeaders=host"
    return f"{signature}&X-Goog-Signature=00&X-Goog-Date={date}&X-Goog-Expires={seconds}"


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_a_picture_goes_up_and_down(storage: Embedded, bucket: Any, signer: Any, version: str) -> None:
    blob = bucket.blob("in/a b/é#?.png")
    url = _signed(storage, blob, signer, method="PUT", version=version, content_type="image/png")
    headers = {"content-type": "image/png", "x-goog-meta-prompt": "a böat"}
    answer = storage.http.put(url, content=b"picture", headers=Headers(headers, encoding="utf-8"))
    assert answer.status_code == 200
    blob.reload()
    assert answer.headers["x-goog-generation"] == str(blob.generation)
    assert answer.headers["etag"] == f'"{blob.md5_hash}"'
    assert (blob.content_type, blob.metadata) == ("image/png", {"prompt": "a böat"})

    url = _signed(storage, blob, signer, version=version)
    answer = storage.http.get(url, headers={"range": "bytes=1-3"})
    assert (answer.status_code, answer.content) == (206, b"ict")
    answer = storage.http.head(url)
    assert (answer.status_code, answer.headers["content-length"]) == (200, "7")
    assert storage.http.delete(url).status_code == 204
    assert not blob.exists()


@pytest.mark.parametrize(
    "query",
    [
        _at(datetime.now(UTC) - timedelta(hours=1), 3599),
        _at(datetime.now(UTC), 0),
        _at(datetime.now(UTC), 7 * 86_400 + 1),
        _at(datetime.now(UTC), 60).replace("X-Goog-Date=", "X-Goog-Date=x"),
        "Signature=00&Expires=1000000000",
        "Signature=00",
    ],
)
def test_an_expired_url_opens_nothing(storage: Embedded, bucket: Any, query: str) -> None:
    bucket.blob("object").upload_from_string(b"data")
    for method in ("GET", "HEAD", "PUT", "DELETE", "POST"):
        answer = storage.http.request(method, f"/{bucket.name}/object?{query}")
        assert answer.status_code == 400
    assert bucket.blob("object").download_as_bytes() == b"data"


def test_errors_are_xml(storage: Embedded, bucket: Any) -> None:
    missing = storage.http.get(f"/{bucket.name}/nothing")
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("application/xml")
    assert "<Code>NoSuchKey</Code>" in missing.text
    assert "<Code>NoSuchBucket</Code>" in storage.http.get("/no-such-bucket/nothing").text
    expired = storage.http.get(f"/{bucket.name}/a?{_at(datetime.now(UTC) - timedelta(days=1), 60)}")
    assert "<Code>ExpiredToken</Code>" in expired.text


def test_preconditions_are_headers(storage: Embedded, bucket: Any) -> None:
    only_new = {"x-goog-if-generation-match": "0"}
    assert storage.http.put(f"/{bucket.name}/object", content=b"one", headers=only_new).status_code == 200
    assert storage.http.put(f"/{bucket.name}/object", content=b"two", headers=only_new).status_code == 412
    assert storage.http.get(f"/{bucket.name}/object").content == b"one"


@pytest.mark.parametrize(("size", "status"), [(1, 400), (2, 200), (100, 200), (101, 400), (200_000, 400)])
def test_a_url_can_bound_the_size(storage: Embedded, bucket: Any, size: int, status: int) -> None:
    headers = {"x-goog-content-length-range": "2,100"}
    url = f"/{bucket.name}/object"
    assert storage.http.put(url, content=b"x" * size, headers=headers).status_code == status
    assert storage.http.put(url, content=iter([b"x" * size]), headers=headers).status_code == status
    assert bucket.blob("object").exists() == (status == 200)


def test_damaged_bytes_are_refused(storage: Embedded, bucket: Any) -> None:
    answer = storage.http.put(f"/{bucket.name}/object", content=b"data", headers={"content-md5": "AAAA"})
    assert "<Code>BadDigest</Code>" in answer.text
    assert not bucket.blob("object").exists()


def test_a_signed_url_can_begin_a_resumable_upload(storage: Embedded, bucket: Any, signer: Any) -> None:
    blob = bucket.blob("in/ö.png")
    url = _signed(storage, blob, signer, method="RESUMABLE")
    answer = storage.http.post(url, headers={"x-goog-resumable": "start", "content-type": "image/png"})
    assert answer.status_code == 201
    assert storage.http.put(answer.headers["location"], content=b"picture").status_code == 200
    blob.reload()
    assert (blob.size, blob.content_type) == (7, "image/png")


def test_a_web_page_may_send_where_the_bucket_allows_it(storage: Embedded) -> None:
    rule = {"origin": ["http://studio"], "method": ["PUT", "GET"], "responseHeader": ["Content-Type"]}
    bucket = storage.bucket(cors=[rule])
    asked = {"origin": "http://studio", "access-control-request-method": "PUT"}
    answer = storage.http.options(f"/{bucket.name}/object", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "http://studio"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    answer = storage.http.put(f"/{bucket.name}/object", content=b"x", headers={"origin": "http://studio"})
    assert answer.headers["access-control-allow-origin"] == "http://studio"
    for origin in ("http://elsewhere", ""):
        answer = storage.http.options(f"/{bucket.name}/object", headers={**asked, "origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_what_a_header_cannot_carry_is_left_out(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.metadata = {"a b": "c", "line": "a\r\nb", "plain": " é "}
    blob.upload_from_string(b"data")
    headers = storage.http.get(f"/{bucket.name}/object").headers
    assert [key for key in headers if key.startswith("x-goog-meta-")] == ["x-goog-meta-plain"]
