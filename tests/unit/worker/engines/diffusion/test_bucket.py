"""Models from Cloud Storage, through Google's client and the embedded server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.storage import Blob, Bucket, Client

from functions.contract.errors import ModelUnavailable
from local.storage import StorageServer
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.checkpoint import fetch_checkpoint
from worker.engines.protocol import Picture

PREFIX = "gs://models/klein/v1"

Load = Callable[..., DiffusersEngine]
Draw = Callable[[DiffusersEngine], Picture]


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageServer]:
    """The embedded Cloud Storage, on a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = StorageServer(None)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def bucket(storage: StorageServer) -> Bucket:
    return Client().create_bucket("models")


@pytest.fixture
def uploaded(bucket: Bucket, klein_directory: Path) -> Bucket:
    for path in sorted(path for path in klein_directory.rglob("*") if path.is_file()):
        name = f"klein/v1/{path.relative_to(klein_directory).as_posix()}"
        bucket.blob(name).upload_from_filename(str(path))
    bucket.blob("klein/v1/vae/").upload_from_string(b"")  # what a console makes of a folder
    bucket.blob("klein/v10/model_index.json").upload_from_string(b"{}")  # another prefix's
    return bucket


def test_a_prefix_draws_as_the_directory_does(
    uploaded: Bucket, klein: DiffusersEngine, load: Load, draw: Draw
) -> None:
    assert (draw(load(PREFIX)) == draw(klein)).all()
    assert (draw(load(f"{PREFIX}/")) == draw(klein)).all()


def test_a_prefix_is_downloaded_once_for_each_revision(
    uploaded: Bucket, storage: StorageServer, tmp_path: Path
) -> None:
    uploaded.blob("klein/v1/plantain.json").upload_from_string(b"{}")
    first = fetch_checkpoint(PREFIX, tmp_path)
    weights = next(first.directory.glob("vae/*.safetensors"))
    before = weights.stat().st_mtime_ns
    assert fetch_checkpoint(PREFIX, tmp_path).directory == first.directory
    assert weights.stat().st_mtime_ns == before
    uploaded.blob("klein/v1/vae/config.json").upload_from_string(b"{}")
    second = fetch_checkpoint(PREFIX, tmp_path)
    assert second.revision != first.revision
    assert second.directory != first.directory
    assert not list(second.directory.parent.glob(".part-*"))


def test_a_damaged_download_is_refused_and_leaves_nothing(
    uploaded: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Blob.download_to_filename

    def damaged(blob: Blob, filename: str, **options: Any) -> None:
        whole(blob, filename, **options)
        with Path(filename).open("r+b") as file:
            file.write(b"\x00")

    monkeypatch.setattr(Blob, "download_to_filename", damaged)
    with pytest.raises(ModelUnavailable, match=r"CRC-32C"):
        fetch_checkpoint(PREFIX, tmp_path)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_workers_that_download_at_once_share_one_copy(uploaded: Bucket, tmp_path: Path) -> None:
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(fetch_checkpoint(PREFIX, tmp_path).directory))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert len(list(found[0].parent.iterdir())) == 1


@pytest.mark.parametrize("source", ["gs://models/nothing", "gs://absent/klein", "gs://models"])
def test_a_prefix_with_nothing_below_it_is_named(bucket: Bucket, tmp_path: Path, source: str) -> None:
    with pytest.raises(ModelUnavailable, match=source):
        fetch_checkpoint(source, tmp_path)


def test_an_object_cannot_leave_the_cache(bucket: Bucket, tmp_path: Path) -> None:
    bucket.blob("klein/v1/model_index.json").upload_from_string(b"{}")
    bucket.blob("klein/v1/../../../escaped").upload_from_string(b"x")
    with pytest.raises(ModelUnavailable, match=r"\.\."):
        fetch_checkpoint(PREFIX, tmp_path / "cache")
    assert not list(tmp_path.rglob("escaped"))


def test_a_model_that_does_not_fit_is_refused_before_it_is_downloaded(
    uploaded: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(blob.size or 0 for blob in uploaded.list_blobs(prefix="klein/v1/"))
    monkeypatch.setenv("CLOUD_RUN_WORKER_POOL", "worker")
    monkeypatch.setattr("worker.engines.diffusion.room.available_bytes", lambda: size - (1 << 20))
    with pytest.raises(ModelUnavailable, match=r"is memory"):
        fetch_checkpoint(PREFIX, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
