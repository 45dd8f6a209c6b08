"""Preconditions of the embedded Cloud Storage, on every verb and under a race."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.api_core import exceptions

from tests.integration.local.storage_servers import Embedded, embedded

Verb = Callable[..., Any]
WRONG: tuple[dict[str, int], ...] = (
    {"if_generation_match": 1},
    {"if_generation_match": 0},
    {"if_metageneration_match": 7},
)


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def blob(storage: Embedded) -> Any:
    blob = storage.bucket().blob("object")
    blob.upload_from_string(b"data")
    return blob


def _upload(blob: Any, **conditions: int) -> None:
    blob.upload_from_string(b"new", **conditions)


def _patch(blob: Any, **conditions: int) -> None:
    blob.metadata = {"new": "yes"}
    blob.patch(**conditions)


def _update(blob: Any, **conditions: int) -> None:
    blob.update(**conditions)


def _delete(blob: Any, **conditions: int) -> None:
    blob.delete(**conditions)


def _copy(blob: Any, **conditions: int) -> None:
    source = blob.bucket.blob("source")
    source.upload_from_string(b"new")
    blob.bucket.copy_blob(source, blob.bucket, blob.name, **conditions)


def _rewrite(blob: Any, **conditions: int) -> None:
    source = blob.bucket.blob("source")
    source.upload_from_string(b"new")
    blob.rewrite(source, **conditions)


def _compose(blob: Any, **conditions: int) -> None:
    source = blob.bucket.blob("source")
    source.upload_from_string(b"new")
    blob.compose([source], **conditions)


def _reload(blob: Any, **conditions: int) -> None:
    blob.reload(**conditions)


def _download(blob: Any, **conditions: int) -> None:
    blob.download_as_bytes(**conditions)


WRITES = (_upload, _patch, _update, _delete, _copy, _rewrite, _compose)


@pytest.mark.parametrize("verb", [*WRITES, _reload, _download])
@pytest.mark.parametrize("conditions", WRONG)
def test_nothing_happens_when_a_precondition_does_not_hold(
    blob: Any, verb: Verb, conditions: dict[str, int]
) -> None:
    with pytest.raises(exceptions.PreconditionFailed):
        verb(blob, **conditions)
    read = blob.bucket.get_blob("object")
    assert (read.generation, read.metageneration) == (blob.generation, 1)
    assert read.download_as_bytes() == b"data"


@pytest.mark.parametrize("verb", [_upload, _patch, _update, _delete, _copy, _rewrite, _reload, _download])
def test_it_happens_when_the_preconditions_hold(blob: Any, verb: Verb) -> None:
    verb(blob, if_generation_match=blob.generation, if_metageneration_match=1)


@pytest.mark.parametrize("verb", [_upload, _patch, _delete, _copy, _rewrite])
def test_a_write_can_be_forbidden_for_a_generation(blob: Any, verb: Verb) -> None:
    with pytest.raises(exceptions.PreconditionFailed):
        verb(blob, if_generation_not_match=blob.generation)
    verb(blob, if_generation_not_match=1)


@pytest.mark.parametrize("condition", ["ifGenerationNotMatch", "ifMetagenerationNotMatch"])
@pytest.mark.parametrize("media", ["", "&alt=media"])
def test_a_reader_that_has_the_version_gets_nothing(
    storage: Embedded, blob: Any, condition: str, media: str
) -> None:
    held = {"ifGenerationNotMatch": blob.generation, "ifMetagenerationNotMatch": 1}[condition]
    address = f"/storage/v1/b/{blob.bucket.name}/o/object"
    answer = storage.http.get(f"{address}?{condition}={held}{media}")
    assert (answer.status_code, answer.content) == (304, b"")
    assert storage.http.get(f"{address}?{condition}=5{media}").status_code == 200


def test_an_etag_is_a_precondition_of_a_reader(storage: Embedded, blob: Any) -> None:
    address = f"/storage/v1/b/{blob.bucket.name}/o/object?alt=media"
    assert storage.http.get(address, headers={"if-none-match": blob.etag}).status_code == 304
    assert storage.http.get(address, headers={"if-match": blob.etag}).content == b"data"
    _patch(blob)
    assert storage.http.get(address, headers={"if-match": "old"}).status_code == 412


def test_generation_zero_is_that_of_no_object(blob: Any) -> None:
    other = blob.bucket.blob("other")
    with pytest.raises(exceptions.PreconditionFailed):
        other.upload_from_string(b"data", if_generation_not_match=0)
    with pytest.raises(exceptions.PreconditionFailed):
        other.upload_from_string(b"data", if_metageneration_match=1)
    other.upload_from_string(b"data", if_generation_match=0)
    other.upload_from_string(b"data", if_generation_not_match=0)


def test_a_copy_has_preconditions_on_its_source(blob: Any) -> None:
    for conditions in ({"if_source_generation_match": 1}, {"if_source_metageneration_match": 7}):
        with pytest.raises(exceptions.PreconditionFailed):
            blob.bucket.copy_blob(blob, blob.bucket, "copy", **conditions)
        with pytest.raises(exceptions.PreconditionFailed):
            blob.bucket.blob("copy").rewrite(blob, **conditions)
    blob.bucket.copy_blob(blob, blob.bucket, "copy", if_source_generation_match=blob.generation)


def test_a_composition_has_preconditions_on_its_sources(blob: Any) -> None:
    composed = blob.bucket.blob("composed")
    with pytest.raises(exceptions.PreconditionFailed):
        composed.compose([blob, blob], if_source_generation_match=[blob.generation, 1])
    assert not composed.exists()
    composed.compose([blob, blob], if_source_generation_match=[blob.generation] * 2)
    assert composed.download_as_bytes() == b"datadata"


def test_a_resumable_upload_is_judged_when_it_ends(blob: Any) -> None:
    late = blob.bucket.blob("late", chunk_size=262_144)
    url = late.create_resumable_upload_session(size=4, if_generation_match=0)
    blob.bucket.blob("late").upload_from_string(b"first")
    answer = blob.client._http.put(url, data=b"late")
    assert answer.status_code == 412
    assert blob.bucket.blob("late").download_as_bytes() == b"first"


@pytest.mark.parametrize("value", ["", "x", "1.5", "-", "１", "1_0", "9" * 30])
def test_a_precondition_that_is_no_number_is_refused(storage: Embedded, blob: Any, value: str) -> None:
    address = f"/storage/v1/b/{blob.bucket.name}/o/object"
    answer = storage.http.delete(address, params={"ifGenerationMatch": value})
    assert answer.status_code == 400
    assert blob.exists()


@pytest.mark.parametrize("size", [100, 200_000])
def test_one_of_many_racers_creates_the_object(storage: Embedded, size: int) -> None:
    bucket = storage.bucket()

    def race(number: int) -> int | None:
        blob = bucket.blob("object")
        try:
            blob.upload_from_string(b"%02d" % number * (size // 2), if_generation_match=0)
        except exceptions.PreconditionFailed:
            return None
        return number

    with ThreadPoolExecutor(32) as racers:
        winners = [number for number in racers.map(race, range(32)) if number is not None]
    assert len(winners) == 1
    assert bucket.blob("object").download_as_bytes() == b"%02d" % winners[0] * (size // 2)
    assert storage.told(bucket) == [("OBJECT_FINALIZE", "object")]


def test_no_change_by_compare_and_set_is_lost(storage: Embedded) -> None:
    bucket = storage.bucket()
    bucket.blob("counter").upload_from_string(b"0")

    def increment(_: int) -> None:
        while True:
            blob = bucket.blob("counter")
            count = int(blob.download_as_bytes())
            try:
                blob.upload_from_string(str(count + 1), if_generation_match=blob.generation)
            except exceptions.PreconditionFailed:
                continue
            return

    with ThreadPoolExecutor(8) as racers:
        list(racers.map(increment, range(40)))
    assert bucket.blob("counter").download_as_bytes() == b"40"
