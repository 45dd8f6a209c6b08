"""Buckets of the embedded Cloud Storage, through Google's own client."""

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


def test_a_bucket_lives_and_dies(storage: Embedded) -> None:
    bucket = storage.client.create_bucket("a-bucket.with_all-signs", location="EU")
    assert bucket.exists()
    assert storage.client.get_bucket(bucket.name).location == "EU"
    assert bucket.name in [each.name for each in storage.client.list_buckets()]
    bucket.delete()
    assert not bucket.exists()
    with pytest.raises(exceptions.NotFound):
        storage.client.get_bucket(bucket.name)


def test_a_bucket_is_made_once(storage: Embedded) -> None:
    bucket = storage.bucket()
    with pytest.raises(exceptions.Conflict):
        storage.client.create_bucket(bucket.name)


@pytest.mark.parametrize("name", ["", "ab", "Upper", "a/b", "../x", "-a-", "googly", "x" * 64, "a..b"])
def test_a_name_that_the_service_refuses_is_refused(storage: Embedded, name: str) -> None:
    answer = storage.http.post("/storage/v1/b", params={"project": "p"}, json={"name": name})
    assert answer.status_code == 400


def test_a_bucket_with_objects_is_not_deleted(storage: Embedded) -> None:
    bucket = storage.bucket()
    bucket.blob("object").upload_from_string(b"data")
    with pytest.raises(exceptions.Conflict):
        bucket.delete()
    bucket.delete(force=True)
    assert not bucket.exists()


def test_labels_are_merged_and_removed(storage: Embedded) -> None:
    bucket = storage.bucket(labels={"kept": "yes", "removed": "no"})
    bucket.labels = {"kept": "yes", "added": "yes"}
    bucket.patch()
    read = storage.client.get_bucket(bucket.name)
    assert read.labels == {"kept": "yes", "added": "yes"}
    assert read.metageneration == 2


def test_a_buckets_metageneration_is_a_precondition(storage: Embedded) -> None:
    bucket = storage.bucket()
    bucket.labels = {"a": "b"}
    bucket.patch(if_metageneration_match=1)
    bucket.labels = {"a": "c"}
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.patch(if_metageneration_match=1)


def test_buckets_are_listed_in_pages(storage: Embedded) -> None:
    made: list[Any] = [storage.client.create_bucket(f"page-{number}") for number in range(5)]
    pages = list(storage.client.list_buckets(prefix="page-", page_size=2).pages)
    assert [[each.name for each in page] for page in pages] == [
        [each.name for each in made[start : start + 2]] for start in (0, 2, 4)
    ]


def test_a_project_has_a_service_account(storage: Embedded) -> None:
    assert storage.client.get_service_account_email().endswith(".iam.gserviceaccount.com")
