"""StorageFaults of the embedded Cloud Storage, and what Google's client makes of them."""

from __future__ import annotations

import io
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.storage.retry import DEFAULT_RETRY

from functions.contract.errors import InvalidRequest
from local.storage import StorageFaults
from tests.integration.local.storage_servers import Embedded, embedded

QUICK = DEFAULT_RETRY.with_delay(initial=0.01, maximum=0.05).with_timeout(60)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def running(directory: Path) -> Generator[Embedded]:
    with embedded(directory) as server:
        yield server


@pytest.fixture
def storage(running: Embedded) -> Generator[Embedded]:
    yield running
    running.faults = StorageFaults()


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


def _put(storage: Embedded, bucket: Any, name: str = "object") -> int:
    address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name={name}"
    return storage.http.post(address, content=b"data").status_code


@pytest.mark.parametrize(
    ("faults", "status", "reason"),
    [
        (StorageFaults(unavailable=1), 503, "backendError"),
        (StorageFaults(too_many=1), 429, "rateLimitExceeded"),
    ],
)
def test_a_refused_request_has_no_effect(
    storage: Embedded, bucket: Any, faults: StorageFaults, status: int, reason: str
) -> None:
    storage.faults = faults
    answer = storage.http.put(f"/storage/v1/b/{bucket.name}/o/object", json={})
    assert answer.status_code == status
    assert answer.json()["error"]["errors"][0]["reason"] == reason
    assert _put(storage, bucket) == status
    storage.faults = StorageFaults()
    assert not bucket.blob("object").exists()


def test_a_lost_answer_has_its_effect(storage: Embedded, bucket: Any) -> None:
    storage.faults = StorageFaults(lost_answer=1)
    assert _put(storage, bucket) == 503
    blob = bucket.get_blob("object")
    assert blob.size == 4  # reading has nothing to lose
    assert storage.told(bucket) == [("OBJECT_FINALIZE", "object")]
    answer = storage.http.delete(f"/storage/v1/b/{bucket.name}/o/object")
    assert answer.status_code == 503
    assert not blob.exists()


def test_a_create_only_write_meets_itself_when_its_answer_was_lost(storage: Embedded, bucket: Any) -> None:
    storage.faults = StorageFaults(lost_answer=1)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("object").upload_from_string(b"data", if_generation_match=0, retry=QUICK)
    storage.faults = StorageFaults()
    assert bucket.blob("object").download_as_bytes() == b"data"


@pytest.mark.parametrize("size", [0, 1000, 1_000_000])
def test_a_torn_upload_stores_nothing(storage: Embedded, bucket: Any, directory: Path, size: int) -> None:
    storage.faults = StorageFaults(torn_upload=1)
    with pytest.raises((exceptions.RetryError, ConnectionError, OSError)):
        bucket.blob("object").upload_from_string(b"x" * size, retry=None)
    storage.faults = StorageFaults()
    assert not bucket.blob("object").exists()
    assert not list((directory / "incoming").iterdir())
    assert storage.told(bucket) == []


def test_the_client_gets_through_all_of_them(storage: Embedded, bucket: Any) -> None:
    storage.faults = StorageFaults(
        unavailable=0.2, too_many=0.2, torn_upload=0.2, lost_answer=0.2, slow=0.001
    )
    data = os.urandom(1_500_000)
    for number in range(10):
        blob = bucket.blob(f"small-{number}")
        blob.upload_from_string(b"data", retry=QUICK)
        assert blob.download_as_bytes(retry=QUICK) == b"data"
    large = bucket.blob("large", chunk_size=262_144)
    large.upload_from_file(io.BytesIO(data), retry=QUICK)
    assert bucket.blob("large").download_as_bytes(retry=QUICK) == data


def test_the_same_seed_gives_the_same_faults(storage: Embedded, bucket: Any) -> None:
    def outcomes(seed: int) -> list[int]:
        storage.faults = StorageFaults(unavailable=0.5, too_many=0.3, seed=seed)
        return [_put(storage, bucket) for _ in range(40)]

    assert outcomes(1) == outcomes(1)
    assert outcomes(1) != outcomes(2)
    assert set(outcomes(1)) == {200, 429, 503}


def test_a_fault_can_be_switched_on_in_place(storage: Embedded, bucket: Any) -> None:
    storage.faults.unavailable = 1
    assert _put(storage, bucket) == 503
    storage.faults.unavailable = 0
    assert _put(storage, bucket) == 200


@pytest.mark.parametrize("fault", [{"unavailable": 1.1}, {"lost_answer": -0.1}, {"slow": -1}])
def test_a_fault_that_cannot_be_is_refused(fault: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest):
        StorageFaults(**fault)  # pyright: ignore[reportArgumentType] - the seed alone is no float
