"""The cache of compiled code: read at the start, written once, never a reason not to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.cloud.storage import Client

from functions.contract.storage.bucket import Bucket
from functions.contract.telemetry.log import add_log_listener
from tests.storage_server import running_storage
from worker.cold_start import compile_cache
from worker.cold_start.compile_cache import CompileCache, cache_object_name

NAME = cache_object_name({"model": "klein", "torch": "2", "architecture": "sm_89"})


class Compiler:
    """What torch.compiler does: ``compiled`` is what the process has compiled."""

    def __init__(self, compiled: bytes | None = None, usable: bool = True) -> None:
        self.compiled, self.usable = compiled, usable
        self.loaded: list[bytes] = []

    def load_cache_artifacts(self, serialized_artifacts: bytes) -> object | None:
        self.loaded.append(serialized_artifacts)
        return object() if self.usable else None

    def save_cache_artifacts(self) -> tuple[bytes, object] | None:
        return None if self.compiled is None else (self.compiled, object())


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with running_storage() as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        client = Client(project="p")
        client.create_bucket("compiled")
        yield Bucket(client, "compiled")


@pytest.fixture
def outcomes() -> list[object]:
    found: list[object] = []
    add_log_listener(
        lambda event, facts: found.append(facts["outcome"]) if event == "worker.compile_cache" else None
    )
    return found


def start(bucket: Bucket, compiler: Compiler) -> None:
    cache = CompileCache(bucket, NAME, compiler)
    cache.restore()
    cache.keep()


def test_the_second_worker_has_what_the_first_one_compiled(bucket: Bucket, outcomes: list[object]) -> None:
    first, second = Compiler(b"code"), Compiler(b"code, and more")
    start(bucket, first)
    start(bucket, second)
    assert first.loaded == []
    assert second.loaded == [b"code"]
    assert bucket.get(NAME).data == b"code"
    assert outcomes == ["missing", "kept", "restored"]


def test_two_workers_that_start_at_once_write_once(bucket: Bucket, outcomes: list[object]) -> None:
    caches = [CompileCache(bucket, NAME, Compiler(code)) for code in (b"one", b"other")]
    for cache in caches:
        cache.restore()
    for cache in caches:
        cache.keep()
    assert bucket.get(NAME).data == b"one"
    assert outcomes == ["missing", "missing", "kept", "kept_by_another"]


def test_a_worker_that_compiled_nothing_writes_nothing(bucket: Bucket) -> None:
    start(bucket, Compiler(None))
    assert list(bucket.list("")) == []


def test_what_is_too_large_is_neither_read_nor_written(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, outcomes: list[object]
) -> None:
    monkeypatch.setattr(compile_cache, "MAX_BYTES", 3)
    start(bucket, Compiler(b"code"))
    bucket.put(NAME, b"code")
    reader = Compiler()
    start(bucket, reader)
    assert reader.loaded == []
    assert outcomes == ["missing", "too_large", "too_large"]


def test_a_bucket_that_is_gone_keeps_no_worker_from_starting(bucket: Bucket, outcomes: list[object]) -> None:
    Client(project="p").bucket("compiled").delete()
    start(bucket, Compiler(b"code"))
    assert outcomes == ["missing", "not_found"]


def test_code_of_another_torch_is_only_reported(bucket: Bucket, outcomes: list[object]) -> None:
    bucket.put(NAME, b"older")
    start(bucket, Compiler(b"code", usable=False))
    assert outcomes == ["unusable"]
    assert bucket.get(NAME).data == b"older"


def test_each_fact_makes_another_object() -> None:
    facts = {"model": "klein", "revision": "1", "torch": "2", "architecture": "sm_89"}
    names = {cache_object_name(facts | {fact: "other"}) for fact in facts}
    assert len(names | {cache_object_name(facts)}) == len(facts) + 1
    assert cache_object_name(dict(reversed(facts.items()))) == cache_object_name(facts)
