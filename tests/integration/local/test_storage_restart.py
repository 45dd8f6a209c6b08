"""The embedded Cloud Storage keeps its word across restarts, however it was ended."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions

from local.storage import DirectoryUnusable, PortTaken, StorageServer
from tests.integration.local.storage_servers import Process, embedded, server_process

GRANULE = 256 * 1024


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_restarted_server_has_everything(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    with embedded(tmp_path) as storage:
        bucket = storage.bucket(labels={"kept": "yes"})
        bucket.notification(topic_name="uploads", topic_project="plantain-test").create()
        small, large = bucket.blob("small"), bucket.blob("large")
        small.metadata = {"kept": "yes"}
        small.upload_from_string(b"data")
        large.upload_from_string(data)
        large.cache_control = "no-store"
        large.patch()
    with embedded(tmp_path) as storage:
        bucket = storage.client.get_bucket(bucket.name)
        assert bucket.labels == {"kept": "yes"}
        assert [each.topic_name for each in bucket.list_notifications()] == ["uploads"]
        assert bucket.blob("large").download_as_bytes() == data
        assert bucket.get_blob("small").metadata == {"kept": "yes"}
        read = bucket.get_blob("large")
        assert (read.generation, read.metageneration) == (large.generation, 2)
        new = bucket.blob("new")
        new.upload_from_string(b"data")
        assert new.generation > large.generation


def test_a_generation_is_not_used_again_although_its_object_is_gone(tmp_path: Path) -> None:
    with embedded(tmp_path) as storage:
        bucket = storage.bucket()
        blob = bucket.blob("object")
        blob.upload_from_string(b"data")
        blob.delete()
    with pytest.MonkeyPatch.context() as patch, embedded(tmp_path) as storage:
        patch.setattr("time.time_ns", lambda: 0)  # the clock was set back
        again = storage.client.bucket(bucket.name).blob("object")
        again.upload_from_string(b"data")
        assert again.generation > blob.generation


def _body(number: int) -> bytes:
    """Every third one is large enough for a file of its own."""
    seed = hashlib.sha256(b"%d" % number).digest()
    return seed * (8_000 if number % 3 == 0 else 8)


def _write_until_refused(storage: Process, bucket: Any, worker: int, acknowledged: set[str]) -> None:
    with httpx.Client(base_url=storage.url) as http:
        for number in range(100_000):
            name = f"{worker}-{number}"
            address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name={name}"
            try:
                answer = http.post(address, content=_body(number))
            except httpx.TransportError:
                return
            assert answer.status_code == 200
            acknowledged.add(name)


def test_a_server_killed_amid_writes_has_all_that_it_confirmed_and_nothing_half(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    with server_process(tmp_path) as storage:
        bucket = storage.bucket()
        writers = [
            threading.Thread(target=_write_until_refused, args=(storage, bucket, worker, acknowledged))
            for worker in range(4)
        ]
        for writer in writers:
            writer.start()
        while len(acknowledged) < 200:
            writers[0].join(0.01)
        storage.kill()
        for writer in writers:
            writer.join()

    with server_process(tmp_path) as storage:
        found = storage.client.bucket(bucket.name)
        blobs = list(found.list_blobs())
        assert acknowledged <= {blob.name for blob in blobs}
        for blob in blobs:
            assert blob.download_as_bytes() == _body(int(blob.name.partition("-")[2]))
        files = sum(int(blob.name.partition("-")[2]) % 3 == 0 for blob in blobs)
        assert len(list((tmp_path / "objects").iterdir())) == files  # nothing that no object has
        assert not list((tmp_path / "incoming").iterdir())
        assert storage.end() == 0


def test_an_upload_is_resumed_at_a_killed_servers_successor(tmp_path: Path) -> None:
    data = os.urandom(2 * GRANULE + 10)
    with server_process(tmp_path) as storage:
        bucket = storage.bucket()
        url = bucket.blob("object").create_resumable_upload_session(if_generation_match=0)
        path = httpx.URL(url).raw_path.decode()
        extent = {"content-range": f"bytes 0-{2 * GRANULE - 1}/{len(data)}"}
        assert storage.http.put(path, content=data[: 2 * GRANULE], headers=extent).status_code == 308
        storage.kill()
    with server_process(tmp_path) as storage:
        answer = storage.http.put(path, headers={"content-range": "bytes */*"})
        assert answer.headers["range"] == f"bytes=0-{2 * GRANULE - 1}"
        extent = {"content-range": f"bytes {2 * GRANULE}-{len(data) - 1}/{len(data)}"}
        assert storage.http.put(path, content=data[2 * GRANULE :], headers=extent).status_code == 200
        assert storage.client.bucket(bucket.name).blob("object").download_as_bytes() == data


@pytest.mark.anyio
async def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = StorageServer(None, port=port)
        with pytest.raises(PortTaken, match=str(port)):
            await server.start()
        await server.stop()


@pytest.mark.anyio
async def test_a_directory_has_one_server(tmp_path: Path) -> None:
    first, second = StorageServer(tmp_path), StorageServer(tmp_path)
    await first.start()
    with pytest.raises(DirectoryUnusable, match="another server"):
        await second.start()
    await second.stop()
    await first.stop()
    await second.start()
    await second.stop()


def test_a_directory_in_use_by_a_process_is_refused(tmp_path: Path) -> None:
    with server_process(tmp_path), pytest.raises(DirectoryUnusable), embedded(tmp_path):
        pass


@pytest.mark.anyio
async def test_a_directory_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("something else")
    with pytest.raises(DirectoryUnusable):
        await StorageServer(tmp_path / "file").start()
    (tmp_path / "storage.sqlite3").write_text("something else, and long enough to be read as a header" * 99)
    with pytest.raises(DirectoryUnusable, match="database"):
        await StorageServer(tmp_path).start()


@pytest.mark.anyio
async def test_a_server_without_a_directory_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = StorageServer(None)
    await server.start()
    assert list(tmp_path.iterdir())
    await server.stop()
    assert not list(tmp_path.iterdir())


def test_the_kept_objects_are_not_found_elsewhere(tmp_path: Path) -> None:
    with embedded(tmp_path / "a") as storage:
        bucket = storage.bucket()
    with embedded(tmp_path / "b") as storage, pytest.raises(exceptions.NotFound):
        storage.client.get_bucket(bucket.name)
