"""Models from Cloud Storage, through Google's client and the embedded server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Bucket, Client
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from functions.contract.errors import ModelUnavailable
from local.storage import StorageServer
from tests.storage_server import running_storage
from worker.cold_start import object_ranges
from worker.cold_start.model_download import ModelDownload
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.checkpoint import fetch_checkpoint
from worker.engines.protocol import Picture

pytestmark = pytest.mark.slow

PREFIX = "gs://models/klein/v1"

Load = Callable[..., DiffusersEngine]
Draw = Callable[[DiffusersEngine], Picture]


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageServer]:
    with running_storage() as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        yield server


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


def test_a_damaged_download_is_refused_and_leaves_nothing(
    uploaded: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = HTTPResponse.readinto

    def damaged(response: HTTPResponse, into: memoryview) -> int:
        got = whole(response, into)
        into[:got] = bytes(got)
        return got

    monkeypatch.setattr(HTTPResponse, "readinto", damaged)
    with pytest.raises(ModelUnavailable, match=r"CRC-32C"):
        fetch_checkpoint(PREFIX, tmp_path)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_what_is_here_is_not_downloaded_again(
    uploaded: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that was broken off goes on where it was."""
    first = fetch_checkpoint(PREFIX, tmp_path)
    missing = next(first.directory.glob("vae/*.safetensors"))
    missing.unlink()
    asked: list[str] = []
    get = AuthorizedSession.get

    def note(session: AuthorizedSession, url: str, **options: Any) -> Any:
        asked.append(url)
        return get(session, url, **options)

    monkeypatch.setattr(AuthorizedSession, "get", note)
    assert fetch_checkpoint(PREFIX, tmp_path) == first
    assert missing.is_file()
    assert len([url for url in asked if "alt=media" in url]) == 1


def test_a_range_goes_on_where_its_connection_broke(
    uploaded: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.cold_start.object_ranges._RETRIES", (0.0,) * 5)
    monkeypatch.setattr("worker.cold_start.object_ranges._BUFFER_BYTES", 1 << 12)
    whole, breaks = HTTPResponse.readinto, iter([False, False, True] * 3)

    def torn(response: HTTPResponse, into: memoryview) -> int:
        if next(breaks, False):
            raise ProtocolError("the connection was reset")
        return whole(response, into)

    monkeypatch.setattr(HTTPResponse, "readinto", torn)
    assert fetch_checkpoint(PREFIX, tmp_path).directory.is_dir()
    assert next(breaks, None) is None


def test_a_file_of_several_ranges_is_what_was_uploaded(
    uploaded: Bucket, klein_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.cold_start.object_ranges.RANGE_BYTES", 1_000)
    directory = fetch_checkpoint(PREFIX, tmp_path).directory
    files = [path.relative_to(klein_directory) for path in klein_directory.rglob("*") if path.is_file()]
    assert all((directory / file).read_bytes() == (klein_directory / file).read_bytes() for file in files)
    assert sorted(path for path in directory.rglob("*") if path.is_file()) == sorted(
        directory / file for file in files
    )


def test_a_component_is_loaded_while_others_are_downloaded(
    uploaded: Bucket, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_encoder_is_loaded = threading.Event()
    fetch, wait = object_ranges.ArrivingFile.fetch_range, ModelDownload.wait

    def fetch_vae_last(file: object_ranges.ArrivingFile, start: int) -> None:
        if file.file.path.parent.name == "vae":
            assert text_encoder_is_loaded.wait(300)
        fetch(file, start)

    def note(download: ModelDownload, *names: str) -> None:
        if names == ("transformer",):  # what the pipeline's index names next
            text_encoder_is_loaded.set()
        wait(download, *names)

    monkeypatch.setattr(object_ranges.ArrivingFile, "fetch_range", fetch_vae_last)
    monkeypatch.setattr(ModelDownload, "wait", note)
    assert load(PREFIX).revision


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
    assert not list(found[0].rglob("*.part"))


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
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
