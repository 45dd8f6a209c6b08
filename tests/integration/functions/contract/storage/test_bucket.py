"""One bucket, with compare-and-set."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from google.cloud import storage
from google.cloud.storage.batch import Batch

from functions.contract.errors import InvalidRequest, NotFound, Overtaken, Transient
from functions.contract.paths import MADE_BY
from functions.contract.settings import Settings
from functions.contract.storage.bucket import MAX_INFLATED, NEW, Bucket
from functions.contract.storage.storage_client import storage_client
from local.storage import StorageFaults, StorageServer

RACERS = 16


def test_what_was_put_is_got_at_its_generation(bucket: Bucket) -> None:
    first = bucket.put("a/ü #?%.json", b"one")
    second = bucket.put("a/ü #?%.json", b"two", if_generation=first)
    assert second > first > NEW
    found = bucket.get("a/ü #?%.json")
    assert (found.data, found.generation) == (b"two", second)


def test_a_missing_object_costs_one_call(
    bucket: Bucket, server: StorageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's client would ask for the bucket too, in a thread of its own, once it knows the bucket."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    monkeypatch.delenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", raising=False)
    thread = Mock()
    monkeypatch.setattr("google.cloud.storage._bucket_metadata_cache.threading.Thread", thread)
    settings = Settings(project="demo", uploads_bucket="u", results_bucket="r", jobs_bucket=bucket.name)
    same = Bucket(storage_client(settings), bucket.name)
    same.put("there", b"one")
    with pytest.raises(NotFound):
        same.get("missing")
    assert not thread.called


def test_an_empty_object_is_an_object(bucket: Bucket) -> None:
    generation = bucket.put("empty", b"", "text/plain")
    assert (bucket.get("empty").data, bucket.get("empty").generation) == (b"", generation)


def test_a_large_object_comes_back_whole(bucket: Bucket) -> None:
    data = bytes(range(256)) * 40_000  # over 8 MiB the client uploads in a session
    bucket.put("large", data, "application/octet-stream", if_generation=NEW)
    assert bucket.get("large").data == data


def test_a_large_object_is_read_in_pieces_and_in_parts(bucket: Bucket) -> None:
    data = bytes(range(256)) * 40_000
    generation = bucket.put("large", data, "application/octet-stream")
    pieces = list(bucket.read_pieces("large", generation, len(data)))
    assert ([len(piece) for piece in pieces], b"".join(pieces)) == ([8 * 2**20, len(data) - 8 * 2**20], data)
    assert bucket.read_range("large", generation, 5, 9) == data[5:9]


def test_an_object_grows_by_others_unless_it_has_changed(bucket: Bucket) -> None:
    whole, part = bucket.put("whole", b"one "), bucket.put("part", b"two")
    parts = [("whole", whole), ("part", part)]
    grown = bucket.compose("whole", parts, {"said": "so"}, if_generation=whole)
    assert bucket.get("whole", grown).data == b"one two"
    assert bucket.stat("whole").metadata == {MADE_BY: "plantain", "said": "so"}
    with pytest.raises(Overtaken):
        bucket.compose("whole", [("part", part)], {}, if_generation=whole)
    with pytest.raises(NotFound):
        bucket.compose("new", [("nothing", part)], {}, if_generation=NEW)


def test_what_is_not_there_is_not_found(bucket: Bucket) -> None:
    old = bucket.put("a", b"one")
    bucket.put("a", b"two")
    for read in (bucket.get, bucket.stat):
        with pytest.raises(NotFound):
            read("b")
        with pytest.raises(NotFound):
            read("a", old)


@pytest.mark.parametrize("name", ["é" * 513, "a" * 1_025])
def test_a_name_that_no_object_can_have_is_refused_and_not_tried_again(bucket: Bucket, name: str) -> None:
    for read in (bucket.get, bucket.stat):
        with pytest.raises((InvalidRequest, NotFound)):
            read(name)


def test_a_write_at_another_generation_is_overtaken(bucket: Bucket) -> None:
    first = bucket.put("a", b"one", if_generation=NEW)
    bucket.put("a", b"two", if_generation=first)
    for generation in (NEW, first):
        with pytest.raises(Overtaken):
            bucket.put("a", b"three", if_generation=generation)
    assert bucket.get("a").data == b"two"


def test_of_many_that_create_one_object_exactly_one_wins(bucket: Bucket) -> None:
    def create(n: int) -> bool:
        try:
            bucket.put("a", str(n).encode(), if_generation=NEW)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as racers:
        won = list(racers.map(create, range(RACERS)))
    assert Counter(won) == {True: 1, False: RACERS - 1}
    assert bucket.get("a").data == str(won.index(True)).encode()


def test_bytes_are_put_once_and_the_same_bytes_again_are_no_conflict(bucket: Bucket) -> None:
    generation = bucket.put_once("a", b"one")
    assert bucket.put_once("a", b"one") == generation
    with pytest.raises(Overtaken):
        bucket.put_once("a", b"two")
    assert bucket.get("a").data == b"one"


def test_a_create_whose_answer_was_lost_is_recognised(bucket: Bucket, faults: StorageFaults) -> None:
    faults.lost_answer = 1.0
    generation = bucket.put_once("a", b"one")
    assert bucket.get("a").generation == generation


def test_everything_says_who_made_it_and_custom_metadata_is_changed_key_by_key(bucket: Bucket) -> None:
    generation = bucket.put("a", b"one", "text/plain", metadata={"state": "queued", "note": "ü"})
    bucket.set_metadata("a", {"state": "running", "note": None, "more": ""})
    found = bucket.stat("a")
    assert found.metadata == {MADE_BY: "plantain", "state": "running", "more": ""}
    assert (found.generation, found.size, found.content_type) == (generation, 3, "text/plain")
    with pytest.raises(NotFound):
        bucket.set_metadata("b", {"state": "running"})


def test_deleting_is_content_with_what_is_gone_or_was_replaced(bucket: Bucket) -> None:
    first = bucket.put("a", b"one")
    bucket.put("a", b"two")
    bucket.delete("a", if_generation=first)
    assert bucket.get("a").data == b"two"
    bucket.delete("a")
    bucket.delete("a")
    with pytest.raises(NotFound):
        bucket.get("a")


def test_a_listing_is_in_the_order_of_names_and_starts_after_the_one_given(bucket: Bucket) -> None:
    for name in ("p/c", "p/a", "q/a", "p/b", "p/b0"):
        bucket.put(name, b"", metadata={"n": name})
    listed = list(bucket.list("p/"))
    assert [found.name for found in listed] == ["p/a", "p/b", "p/b0", "p/c"]
    assert [found.metadata["n"] for found in listed] == [found.name for found in listed]
    assert [found.name for found in bucket.list("p/", after="p/b")] == ["p/b0", "p/c"]
    assert [found.name for found in bucket.list("p/", limit=2)] == ["p/a", "p/b"]
    assert list(bucket.list("nothing/")) == []


def test_a_prefix_is_deleted_but_for_what_is_kept(bucket: Bucket) -> None:
    for name in ("p/a", "p/b", "p/c", "pq"):
        bucket.put(name, b"")
    bucket.delete_prefix("p/", keep=frozenset({"p/b"}))
    assert [found.name for found in bucket.list("")] == ["p/b", "pq"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["unavailable", "too_many"])
def test_a_service_that_does_not_answer_is_transient(
    bucket: Bucket, faults: StorageFaults, fault: str
) -> None:
    bucket.put("a", b"one")
    setattr(faults, fault, 1.0)
    with pytest.raises(Transient):
        bucket.get("a")
    with pytest.raises(Transient):
        bucket.put("a", b"two")
    with pytest.raises(Transient):
        bucket.stat("a")
    with pytest.raises(Transient):
        bucket.delete("a")
    with pytest.raises(Transient):
        list(bucket.list("a"))


@pytest.mark.usefixtures("impatient")
def test_a_torn_upload_leaves_nothing(bucket: Bucket, faults: StorageFaults) -> None:
    faults.torn_upload = 1.0
    with pytest.raises(Transient):
        bucket.put("a", b"one" * 100_000)
    faults.torn_upload = 0.0
    with pytest.raises(NotFound):
        bucket.get("a")


def stored_compressed(client: storage.Client, bucket: Bucket, data: bytes) -> None:
    """As ``gcloud storage cp --gzip-local`` does."""
    blob = client.bucket(bucket.name).blob("compressed")
    blob.content_encoding = "gzip"
    blob.upload_from_string(data, content_type="application/json")


def test_what_is_stored_compressed_is_got_as_it_was(client: storage.Client, bucket: Bucket) -> None:
    stored_compressed(client, bucket, gzip.compress(b'{"prompt": "make it snow"}'))
    assert bucket.get("compressed").data == b'{"prompt": "make it snow"}'


@pytest.mark.parametrize("data", [b"not gzip", gzip.compress(b"cut short")[:-9]], ids=["plain", "torn"])
def test_what_only_says_that_it_is_compressed_is_refused(
    client: storage.Client, bucket: Bucket, data: bytes
) -> None:
    stored_compressed(client, bucket, data)
    with pytest.raises(InvalidRequest):
        bucket.get("compressed")


def test_what_unpacks_to_gigabytes_is_never_unpacked(client: storage.Client, bucket: Bucket) -> None:
    bomb = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    packed = b"".join(bomb.compress(bytes(2**20)) for _ in range(300)) + bomb.flush()
    stored_compressed(client, bucket, packed)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidRequest):
            bucket.get("compressed")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_INFLATED


def test_of_many_names_those_that_exist_are_found_with_a_call_for_a_hundred(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/ü #?.json", "b"):
        bucket.put(name, b"{}")
    names = ["a/ü #?.json", "b", *(f"none/{n}" for n in range(150))]
    calls: list[str] = []
    finish = Batch.finish

    def counted(batch: Batch, raise_exception: bool = True) -> object:
        calls.append("batch")
        return finish(batch, raise_exception)

    monkeypatch.setattr(Batch, "finish", counted)
    assert bucket.find_existing(names) == {"a/ü #?.json", "b"}
    assert len(calls) == 2
    assert bucket.find_existing([]) == set()


def test_a_single_name_takes_no_batch(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("a/ü #?.json", b"{}")
    monkeypatch.delattr(Batch, "finish")
    assert bucket.find_existing(["a/ü #?.json"]) == {"a/ü #?.json"}
    assert bucket.find_existing(["none"]) == set()


def test_a_service_that_does_not_answer_says_of_no_name_that_it_exists(
    bucket: Bucket, faults: StorageFaults
) -> None:
    bucket.put("a", b"{}")
    faults.unavailable = 1.0
    with pytest.raises(Transient):
        bucket.find_existing(["a"])
