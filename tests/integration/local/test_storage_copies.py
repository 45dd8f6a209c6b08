"""Objects made of objects, and many requests in one: copy, rewrite, compose, batch."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from google.api_core import exceptions

from tests.integration.local.storage_servers import Embedded, embedded


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


@pytest.fixture(params=[100, 300_000])
def source(bucket: Any, request: pytest.FixtureRequest) -> Any:
    blob = bucket.blob("a/söurce")
    blob.metadata = {"kept": "yes"}
    blob.upload_from_string(os.urandom(request.param), content_type="image/png")
    return blob


def test_a_copy_is_an_object_of_its_own(storage: Embedded, source: Any) -> None:
    data = source.download_as_bytes()
    other = storage.bucket()
    copy = source.bucket.copy_blob(source, other, "cöpy/b")
    assert copy.generation > source.generation
    source.delete()
    read = other.get_blob("cöpy/b")
    assert read.download_as_bytes() == data
    assert (read.metadata, read.content_type) == ({"kept": "yes"}, "image/png")
    assert (read.md5_hash, read.crc32c) == (source.md5_hash, source.crc32c)
    assert storage.told(other) == [("OBJECT_FINALIZE", "cöpy/b")]


def test_a_rewrite_takes_its_own_properties(source: Any) -> None:
    target = source.bucket.blob("target")
    target.metadata = {"new": "yes"}
    token, rewritten, total = target.rewrite(source)
    assert (token, rewritten, total) == (None, source.size, source.size)
    target.reload()
    assert target.metadata == {"new": "yes"}
    assert target.download_as_bytes() == source.download_as_bytes()


def test_an_object_can_be_rewritten_onto_itself(source: Any) -> None:
    data, generation = source.download_as_bytes(), source.generation
    source.update_storage_class("NEARLINE")
    read = source.bucket.get_blob(source.name)
    assert read.generation > generation
    assert read.storage_class == "NEARLINE"
    assert read.download_as_bytes() == data


def test_an_object_is_renamed(source: Any) -> None:
    data = source.download_as_bytes()
    renamed = source.bucket.rename_blob(source, "renamed")
    assert renamed.download_as_bytes() == data
    assert [blob.name for blob in source.bucket.list_blobs()] == ["renamed"]


def test_only_the_generation_asked_for_is_copied(source: Any) -> None:
    old = source.generation
    source.upload_from_string(b"new")
    with pytest.raises(exceptions.NotFound):
        source.bucket.copy_blob(source, source.bucket, "copy", source_generation=old)


def test_objects_are_composed(bucket: Any) -> None:
    parts = [os.urandom(size) for size in (0, 10, 100_000, 2_000_000)]
    blobs = [bucket.blob(f"part-{number}") for number in range(len(parts))]
    for blob, data in zip(blobs, parts, strict=True):
        blob.upload_from_string(data)
    whole = bucket.blob("whole")
    whole.content_type = "image/png"
    whole.compose(blobs)
    assert whole.download_as_bytes() == b"".join(parts)
    assert (whole.component_count, whole.md5_hash, whole.content_type) == (4, None, "image/png")
    whole.compose([whole, blobs[1]])
    assert whole.download_as_bytes() == b"".join(parts) + parts[1]
    assert whole.component_count == 5


def test_a_composition_needs_all_its_sources(bucket: Any) -> None:
    there = bucket.blob("there")
    there.upload_from_string(b"data")
    for sources in ([there, bucket.blob("missing")], [], [there] * 33):
        with pytest.raises((exceptions.NotFound, exceptions.BadRequest)):
            bucket.blob("whole").compose(sources)
    assert not bucket.blob("whole").exists()


def test_a_batch_does_all_of_it(storage: Embedded, bucket: Any) -> None:
    blobs = [bucket.blob(f"ümläut {number}#") for number in range(20)]
    for blob in blobs:
        blob.upload_from_string(b"data")
    with storage.client.batch():
        for blob in blobs[:10]:
            blob.metadata = {"a b": "é\n"}
            blob.patch()
        for blob in blobs[10:]:
            blob.delete()
    assert [blob.name for blob in bucket.list_blobs()] == sorted(blob.name for blob in blobs[:10])
    assert {str(blob.metadata) for blob in bucket.list_blobs()} == {str({"a b": "é\n"})}
    assert blobs[0].metageneration == 2


def test_a_batch_says_what_failed(storage: Embedded, bucket: Any) -> None:
    bucket.blob("there").upload_from_string(b"data")
    with pytest.raises(exceptions.NotFound), storage.client.batch():
        bucket.blob("missing").delete()
        bucket.blob("there").delete()
    assert not bucket.blob("there").exists()


def test_preconditions_hold_inside_a_batch(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.upload_from_string(b"data")
    with storage.client.batch(raise_exception=False) as batch:
        blob.delete(if_generation_match=1)
    assert [answer.status_code for answer in batch._responses] == [412]
    assert blob.exists()


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"nonsense",
        b"GET /storage/v1/b",
        b"GET /storage/v1/b/b/o/o?alt=media HTTP/1.1\r\n\r\n",
        b"POST /upload/storage/v1/b/b/o?uploadType=media&name=o HTTP/1.1\r\n\r\ndata",
        b"PUT /b/o HTTP/1.1\r\n\r\ndata",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
    ],
)
def test_a_broken_batch_is_refused(storage: Embedded, part: bytes) -> None:
    body = b"--sep\r\nContent-Type: application/http\r\n\r\n" + part + b"\r\n--sep--"
    headers = {"content-type": "multipart/mixed; boundary=sep"}
    assert storage.http.post("/batch/storage/v1", content=body, headers=headers).status_code == 400
    assert storage.http.post("/batch/storage/v1", content=part).status_code == 400
