"""The embedded servers count what the cloud would bill."""

from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest

from local.storage import operations, route_table
from local.storage.operations import CLASSES, operation_name
from local.storage.routes import copies
from tests.integration.local.storage_servers import Embedded, embedded


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


def counted(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}


def test_each_operation_counts_once_by_its_name(storage: Embedded) -> None:
    bucket = storage.bucket()
    before = dict(storage.server.operations)
    blob = bucket.blob("a")
    blob.upload_from_string(b"x")
    blob.metadata = {"a": "b"}
    blob.patch()
    assert blob.download_as_bytes() == b"x"
    list(bucket.list_blobs())
    bucket.blob("ab").compose([blob])
    blob.delete()
    assert counted(before, dict(storage.server.operations)) == {
        "objects.insert": 1,
        "objects.update": 1,
        "objects.get": 1,
        "objects.list": 1,
        "objects.compose": 1,
        "objects.delete": 1,
    }


def test_a_request_that_fails_counts_nothing(storage: Embedded) -> None:
    bucket = storage.bucket()
    before = dict(storage.server.operations)
    assert httpx.get(f"{storage.url}/storage/v1/b/{bucket.name}/o/missing").status_code == 404
    assert dict(storage.server.operations) == before


TABLES = [table for name, table in vars(route_table).items() if name.isupper() and isinstance(table, dict)]


@pytest.mark.parametrize("table", TABLES)
def test_every_route_has_a_class(table: route_table.HandlersByMethod) -> None:
    for handler in table.values():
        assert operation_name(handler) in CLASSES


def test_every_name_is_one_that_a_handler_has() -> None:
    named = set(vars(operations)["_NAMES"].values())
    assert named == set(CLASSES)
    assert CLASSES[operation_name(copies.compose_objects)] == "A"
