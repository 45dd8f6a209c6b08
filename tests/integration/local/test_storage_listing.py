"""Listings of the embedded Cloud Storage."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.local.storage_servers import Embedded, embedded

NAMES = ["a", "a/1", "a/2", "a/b/3", "a0", "b/1", "b/2", "c", "é", "\uffee", "😀"]


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture(scope="module")
def bucket(storage: Embedded) -> Any:
    return filled(storage, NAMES)


def filled(storage: Embedded, names: list[str]) -> Any:
    bucket = storage.bucket()
    for name in names:
        bucket.blob(name).upload_from_string(b"")
    return bucket


def listed(bucket: Any, **query: Any) -> list[str]:
    return [blob.name for blob in bucket.list_blobs(**query)]


def test_names_come_in_the_order_of_their_bytes(bucket: Any) -> None:
    assert listed(bucket) == sorted(NAMES, key=str.encode)


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b/", "b", "x", "é", "😀", "\U0010ffff"])
def test_a_prefix_chooses(bucket: Any, prefix: str) -> None:
    assert listed(bucket, prefix=prefix) == [name for name in NAMES if name.startswith(prefix)]


@pytest.mark.parametrize(
    ("query", "names", "prefixes"),
    [
        ({"delimiter": "/"}, ["a", "a0", "c", "é", "\uffee", "😀"], {"a/", "b/"}),
        ({"delimiter": "/", "prefix": "a/"}, ["a/1", "a/2"], {"a/b/"}),
        ({"delimiter": "/", "prefix": "a"}, ["a", "a0"], {"a/"}),
        ({"delimiter": "/1"}, [name for name in NAMES if name not in ("a/1", "b/1")], {"a/1", "b/1"}),
        ({"delimiter": "/", "start_offset": "a/2", "end_offset": "c"}, ["a0"], {"a/", "b/"}),
    ],
)
@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_a_delimiter_folds(
    bucket: Any, query: dict[str, str], names: list[str], prefixes: set[str], page_size: int
) -> None:
    found = bucket.list_blobs(**query, page_size=page_size)
    assert [blob.name for blob in found] == names
    assert found.prefixes == prefixes


def test_offsets_choose(bucket: Any) -> None:
    assert listed(bucket, start_offset="a/2", end_offset="b/2") == ["a/2", "a/b/3", "a0", "b/1"]
    assert listed(bucket, prefix="a/", start_offset="a/2") == ["a/2", "a/b/3"]
    assert listed(bucket, start_offset="b", end_offset="a") == []


def test_pages_join_without_a_gap(bucket: Any) -> None:
    for page_size in (1, 2, 3, len(NAMES)):
        pages = [[blob.name for blob in page] for page in bucket.list_blobs(page_size=page_size).pages]
        assert [name for page in pages for name in page] == NAMES
        assert all(len(page) == page_size for page in pages[:-1])
    assert listed(bucket, max_results=3) == NAMES[:3]


def test_a_page_begins_where_the_last_ended_whatever_happened_since(storage: Embedded) -> None:
    bucket = filled(storage, ["a", "b", "c", "d"])
    pages = bucket.list_blobs(page_size=2).pages
    assert [blob.name for blob in next(pages)] == ["a", "b"]
    for name in ("a", "c"):
        bucket.blob(name).delete()
    bucket.blob("aa").upload_from_string(b"")
    assert [blob.name for blob in next(pages)] == ["d"]


def test_a_listing_carries_the_metadata(storage: Embedded) -> None:
    bucket = storage.bucket()
    blob = bucket.blob("object")
    blob.metadata = {"state": "queued"}
    blob.upload_from_string(b"data", content_type="text/plain")
    (found,) = bucket.list_blobs(fields="items(name,metadata),nextPageToken")
    assert (found.metadata, found.size, found.generation) == ({"state": "queued"}, 4, blob.generation)


@pytest.mark.parametrize(
    "query", ["pageToken=%25", "maxResults=-1", "maxResults=x", "matchGlob={a", "versions=x"]
)
def test_what_cannot_be_listed_is_refused(storage: Embedded, bucket: Any, query: str) -> None:
    assert storage.http.get(f"/storage/v1/b/{bucket.name}/o?{query}").status_code == 400


def _expected(names: set[str], prefix: str, delimiter: str) -> tuple[list[str], set[str]]:
    items: list[str] = []
    prefixes: set[str] = set()
    for name in sorted(names, key=str.encode):
        if name.startswith(prefix):
            head, found, _ = name[len(prefix) :].partition(delimiter)
            if found:
                prefixes.add(prefix + head + delimiter)
            else:
                items.append(name)
    return items, prefixes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.sets(st.text("ab/\uffff\U0010ffff", min_size=1, max_size=5), max_size=10),
    prefix=st.text("ab/\U0010ffff", max_size=2),
    delimiter=st.sampled_from(["/", "a", "b/", "\U0010ffff"]),
    page_size=st.integers(1, 4),
)
def test_any_listing_is_what_its_definition_says(
    storage: Embedded, names: set[str], prefix: str, delimiter: str, page_size: int
) -> None:
    bucket = filled(storage, list(names))
    found = bucket.list_blobs(prefix=prefix, delimiter=delimiter, page_size=page_size)
    assert ([blob.name for blob in found], found.prefixes) == _expected(names, prefix, delimiter)
