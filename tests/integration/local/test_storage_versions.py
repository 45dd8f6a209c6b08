"""What keeps objects in the embedded Cloud Storage: versions, holds and retention policies."""

from __future__ import annotations

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
def versioned(storage: Embedded) -> Any:
    return storage.bucket(versioning_enabled=True)


@pytest.mark.parametrize("size", [10, 300_000])
def test_what_is_replaced_or_deleted_stays_as_a_version(storage: Embedded, versioned: Any, size: int) -> None:
    blob = versioned.blob("object")
    generations: list[int] = []
    for letter in (b"a", b"b"):
        blob.upload_from_string(letter * size)
        generations.append(blob.generation)
    versioned.blob("object").delete()
    assert versioned.get_blob("object") is None
    first, second = (versioned.get_blob("object", generation=each) for each in generations)
    assert first.download_as_bytes() == b"a" * size
    assert second.time_deleted is not None
    assert [each.generation for each in versioned.list_blobs(versions=True)] == generations
    assert storage.told(versioned) == [
        ("OBJECT_FINALIZE", "object"),
        ("OBJECT_FINALIZE", "object"),
        ("OBJECT_ARCHIVE", "object"),
        ("OBJECT_ARCHIVE", "object"),
    ]


def test_a_version_is_deleted_for_good_by_its_generation(storage: Embedded, versioned: Any) -> None:
    blob = versioned.blob("object")
    for data in (b"one", b"two"):
        blob.upload_from_string(data)
    for version in list(versioned.list_blobs(versions=True)):
        versioned.blob("object", generation=version.generation).delete()
    assert not list(versioned.list_blobs(versions=True))
    versioned.delete()


def test_a_version_can_be_made_the_live_one_again(versioned: Any) -> None:
    blob = versioned.blob("object")
    blob.upload_from_string(b"one")
    first = blob.generation
    blob.upload_from_string(b"two")
    versioned.copy_blob(versioned.blob("object"), versioned, "object", source_generation=first)
    assert versioned.get_blob("object").download_as_bytes() == b"one"
    assert len(list(versioned.list_blobs(versions=True))) == 3


def test_versions_are_listed_in_pages(versioned: Any) -> None:
    for name in ("a", "b"):
        for _ in range(5):
            versioned.blob(name).upload_from_string(b"data")
    pages = versioned.list_blobs(versions=True, page_size=3).pages
    found = [(each.name, each.generation) for page in pages for each in page]
    assert len(found) == len(set(found)) == 10
    assert found == sorted(found)
    assert [each.name for each in versioned.list_blobs()] == ["a", "b"]


def test_a_bucket_with_versions_is_not_empty(storage: Embedded, versioned: Any) -> None:
    versioned.blob("object").upload_from_string(b"data")
    versioned.blob("object").delete()
    with pytest.raises(exceptions.Conflict):
        versioned.delete()


@pytest.mark.parametrize("hold", ["temporary_hold", "event_based_hold"])
def test_a_held_object_stays_as_it_is(storage: Embedded, hold: str) -> None:
    bucket = storage.bucket()
    blob = bucket.blob("object")
    blob.upload_from_string(b"data")
    setattr(blob, hold, True)
    blob.patch()
    for change in (blob.delete, lambda: bucket.blob("object").upload_from_string(b"other")):
        with pytest.raises(exceptions.Forbidden, match="hold"):
            change()
    copy = bucket.copy_blob(blob, bucket, "copy")
    assert not getattr(copy, hold)
    setattr(blob, hold, False)
    blob.patch()
    blob.delete()


def test_a_bucket_can_hold_what_is_written(storage: Embedded) -> None:
    bucket = storage.bucket(default_event_based_hold=True)
    bucket.blob("object").upload_from_string(b"data")
    assert bucket.get_blob("object").event_based_hold


def test_a_retention_policy_keeps_objects(storage: Embedded) -> None:
    bucket = storage.bucket(retention_period=3600)
    blob = bucket.blob("object")
    blob.upload_from_string(b"data")
    read = bucket.get_blob("object")
    assert (read.retention_expiration_time - read.time_created).total_seconds() == 3600
    with pytest.raises(exceptions.Forbidden, match="retention"):
        blob.delete()
    bucket.retention_period = None
    bucket.patch()
    blob.delete()


def test_a_locked_retention_policy_can_only_grow(storage: Embedded) -> None:
    bucket = storage.bucket(retention_period=3600)
    bucket.lock_retention_policy()
    assert bucket.retention_policy_locked
    bucket.retention_period = 60
    with pytest.raises(exceptions.Forbidden):
        bucket.patch()
    bucket.reload()
    bucket.retention_period = 7200
    bucket.patch()
    assert bucket.retention_policy_locked
    assert storage.http.put(f"/storage/v1/b/{bucket.name}", json={}).status_code == 403
