"""Objects of the embedded Cloud Storage, through Google's own client."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions

from tests.integration.local.storage_servers import Embedded, embedded

LARGE = 300_000
"""Bytes: more than the server keeps in its database."""


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LARGE, 3_000_000])
def test_an_object_is_read_as_it_was_written(bucket: Any, size: int) -> None:
    data = os.urandom(size)
    written = bucket.blob("object")
    written.upload_from_string(data, content_type="image/png")
    read = bucket.blob("object")
    assert read.download_as_bytes() == data
    assert read.generation == written.generation
    assert read.metageneration == 1
    assert read.content_type == "image/png"
    assert read.md5_hash == base64.b64encode(hashlib.md5(data).digest()).decode()
    read.reload()
    assert (read.size, read.md5_hash, read.crc32c) == (size, written.md5_hash, written.crc32c)
    assert read.time_created == written.time_created


@pytest.mark.parametrize(
    "name",
    [
        "a/b/c",
        "a b",
        "ümläut/日本語.png",
        "#?%",
        "%2F",
        "..hidden",
        ".hidden",
        "../../etc/passwd",
        "/",
        "//a//",
        "a/compose",
        "a/rewriteTo/b/x/o/y",
        "+&=;:@",
        "tab\there",
        "😀",
        "\x00",
        "\\",
        "'\"<>",
        "x" * 1024,
    ],
)
def test_a_name_is_only_a_name(storage: Embedded, bucket: Any, name: str) -> None:
    blob = bucket.blob(name)
    blob.upload_from_string(name.encode() * 70)
    assert bucket.blob(name).download_as_bytes() == name.encode() * 70
    assert [each.name for each in bucket.list_blobs()] == [name]
    assert storage.told(bucket) == [("OBJECT_FINALIZE", name)]
    blob.metadata = {"seen": "yes"}
    blob.patch()
    blob.delete()
    assert not blob.exists()


@pytest.mark.parametrize("name", [".", "..", "x" * 1025, "é" * 513, "a\nb", "a\rb"])
def test_a_name_that_the_service_refuses_is_refused(bucket: Any, storage: Embedded, name: str) -> None:
    address = f"/upload/storage/v1/b/{bucket.name}/o"
    answer = storage.http.post(address, params={"uploadType": "media", "name": name}, content=b"data")
    assert answer.status_code == 400
    assert not list(bucket.list_blobs())


def test_no_name_leaves_the_directory(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    with embedded(inside) as storage:
        bucket = storage.bucket()
        bucket.blob("../outside").upload_from_string(b"x" * LARGE)
        storage.http.put(f"/{bucket.name}/%2e%2e/%2e%2e/outside", content=b"x" * LARGE)
        storage.http.put(f"/{bucket.name}//etc/passwd", content=b"x" * LARGE)
        assert list(tmp_path.iterdir()) == [inside]
        assert all(path.stem.isalnum() for path in (inside / "objects").iterdir())


def test_generations_grow_and_are_never_used_twice(bucket: Any) -> None:
    seen: list[int] = []
    for _ in range(5):
        blob = bucket.blob("object")
        blob.upload_from_string(b"again")
        seen.append(blob.generation)
        blob.delete()
    assert seen == sorted(set(seen))


def test_only_the_live_generation_can_be_read(bucket: Any) -> None:
    first = bucket.blob("object")
    first.upload_from_string(b"one")
    second = bucket.blob("object")
    second.upload_from_string(b"two")
    assert bucket.blob("object", generation=second.generation).download_as_bytes() == b"two"
    with pytest.raises(exceptions.NotFound):
        bucket.blob("object", generation=first.generation).download_as_bytes()


@pytest.mark.parametrize("size", [1000, LARGE])
@pytest.mark.parametrize(("start", "end"), [(0, 0), (10, 99), (10, None), (900, 10**9), (999, None)])
def test_a_range_is_read(bucket: Any, size: int, start: int, end: int | None) -> None:
    data = os.urandom(size)
    blob = bucket.blob("object")
    blob.upload_from_string(data)
    last = None if end is None else end + 1
    assert blob.download_as_bytes(start=start, end=end) == data[start:last]


def test_the_end_is_read_without_knowing_the_size(storage: Embedded, bucket: Any) -> None:
    bucket.blob("object").upload_from_string(b"0123456789")
    answer = storage.http.get(
        f"/download/storage/v1/b/{bucket.name}/o/object?alt=media", headers={"range": "bytes=-3"}
    )
    assert (answer.status_code, answer.content) == (206, b"789")
    assert answer.headers["content-range"] == "bytes 7-9/10"


def test_a_range_behind_the_end_is_not_satisfiable(bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.upload_from_string(b"0123456789")
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=10)


def test_a_download_says_what_it_is(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.cache_control, blob.content_disposition = "no-store", 'attachment; filename="é.png"'
    blob.upload_from_string(b"data", content_type="image/png")
    headers = storage.http.get(f"/download/storage/v1/b/{bucket.name}/o/object?alt=media").headers
    assert headers["x-goog-generation"] == str(blob.generation)
    assert headers["x-goog-metageneration"] == "1"
    assert headers["x-goog-hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
    assert headers["x-goog-stored-content-length"] == "4"
    assert headers["x-goog-stored-content-encoding"] == "identity"
    assert headers["etag"] == blob.etag
    assert headers["content-type"] == "image/png"
    assert headers["cache-control"] == "no-store"


def test_damaged_bytes_are_refused_and_leave_nothing(storage: Embedded, bucket: Any) -> None:
    address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=object"
    for headers in ({"content-md5": "AAAA"}, {"x-goog-hash": "crc32c=AAAAAA=="}):
        answer = storage.http.post(address, content=b"data", headers=headers)
        assert answer.status_code == 400
        assert "doesn't match calculated" in answer.json()["error"]["message"]
    assert not bucket.blob("object").exists()


def test_files_go_up_and_down(bucket: Any, tmp_path: Path) -> None:
    data = os.urandom(LARGE)
    (tmp_path / "up").write_bytes(data)
    bucket.blob("object").upload_from_filename(tmp_path / "up")
    bucket.blob("object").download_to_filename(tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == data


def test_an_object_can_be_read_and_written_as_a_file(bucket: Any) -> None:
    data = os.urandom(LARGE)
    with bucket.blob("object").open("wb") as file:
        file.write(data)
    with bucket.blob("object").open("rb", chunk_size=100_000) as file:
        assert file.read() == data


def test_a_reader_finishes_although_the_object_is_replaced(storage: Embedded, bucket: Any) -> None:
    data = os.urandom(20_000_000)
    bucket.blob("object").upload_from_string(data)
    address = f"/download/storage/v1/b/{bucket.name}/o/object?alt=media"
    with storage.http.stream("GET", address) as answer:
        chunks = answer.iter_bytes()
        read = next(chunks)
        bucket.blob("object").upload_from_string(b"new")
        read += b"".join(chunks)
    assert read == data


def test_a_patch_changes_only_what_it_names(bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.metadata = {"kept": "yes", "changed": "no", "removed": "no"}
    blob.upload_from_string(b"data", content_type="image/png")
    blob.metadata = {"changed": "yes", "removed": None, "ключ": "значение"}
    blob.cache_control = "no-store"
    blob.patch()
    read = bucket.get_blob("object")
    assert read.metadata == {"kept": "yes", "changed": "yes", "ключ": "значение"}
    assert (read.cache_control, read.content_type) == ("no-store", "image/png")
    assert (read.generation, read.metageneration) == (blob.generation, 2)
    read.metadata, read.cache_control = None, None
    read.patch()
    read.reload()
    assert (read.metadata, read.cache_control, read.metageneration) == (None, None, 3)
    assert read.download_as_bytes() == b"data"


def test_an_update_removes_what_it_does_not_name(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.metadata, blob.cache_control = {"a": "b"}, "no-store"
    blob.upload_from_string(b"data")
    address = f"/storage/v1/b/{bucket.name}/o/object"
    storage.http.put(address, json={"contentType": "text/plain"})
    blob.reload()
    assert (blob.content_type, blob.cache_control, blob.metadata) == ("text/plain", None, None)


def test_too_much_metadata_is_refused(bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.metadata = {"key": "x" * 8192}
    with pytest.raises(exceptions.BadRequest, match="8192"):
        blob.upload_from_string(b"data")
    assert not blob.exists()


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b", "日本語", "a\x00"])
def test_a_content_type_that_no_header_can_carry_is_refused(bucket: Any, value: str) -> None:
    blob = bucket.blob("object")
    blob.upload_from_string(b"data")
    blob.content_type = value
    with pytest.raises(exceptions.BadRequest, match="contentType"):
        blob.patch()


def test_what_is_not_there_is_not_found(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("nothing")
    assert not blob.exists()
    for attempt in (blob.reload, blob.delete, blob.download_as_bytes, blob.patch):
        with pytest.raises(exceptions.NotFound):
            attempt()
    with pytest.raises(exceptions.NotFound):
        storage.client.bucket("no-such-bucket").blob("object").upload_from_string(b"data")


def test_errors_have_googles_shape(storage: Embedded, bucket: Any) -> None:
    answer = storage.http.get(f"/storage/v1/b/{bucket.name}/o/nothing")
    message = f"No such object: {bucket.name}/nothing"
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "code": 404,
            "message": message,
            "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
        }
    }


def test_an_address_takes_only_its_methods(storage: Embedded, bucket: Any) -> None:
    answer = storage.http.patch(f"/storage/v1/b/{bucket.name}/o")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert storage.http.get("/storage/v1/nowhere").status_code == 404


def test_an_early_refusal_leaves_the_connection_usable(storage: Embedded) -> None:
    address = "/upload/storage/v1/b/no-such-bucket/o?uploadType=media&name=object"
    for _ in range(3):
        assert storage.http.post(address, content=os.urandom(2_000_000)).status_code == 404
