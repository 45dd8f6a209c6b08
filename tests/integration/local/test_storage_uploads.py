"""Uploads to the embedded Cloud Storage, resumable ones above all."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.eventually import eventually
from tests.integration.local.storage_servers import Embedded, embedded

GRANULE = 256 * 1024


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def storage(directory: Path) -> Generator[Embedded]:
    with embedded(directory) as running:
        yield running


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


def _session(bucket: Any, name: str = "object", **options: Any) -> str:
    blob = bucket.blob(name)
    blob.metadata = {"made": "here"}
    return blob.create_resumable_upload_session(content_type="image/png", **options)


def _put(storage: Embedded, url: str, data: bytes, extent: str) -> Any:
    return storage.http.put(url, content=data, headers={"content-range": f"bytes {extent}"})


@pytest.mark.parametrize("size", [0, 1, GRANULE, 2 * GRANULE, 2 * GRANULE + 5])
@pytest.mark.parametrize("told", [True, False])
def test_an_upload_in_chunks_is_one_object(bucket: Any, size: int, told: bool) -> None:
    data = os.urandom(size)
    blob = bucket.blob("object", chunk_size=GRANULE)
    blob.metadata = {"made": "here"}
    blob.upload_from_file(io.BytesIO(data), size=size if told else None, content_type="image/png")
    read = bucket.get_blob("object")
    assert read.download_as_bytes() == data
    assert (read.content_type, read.metadata) == ("image/png", {"made": "here"})


def test_a_session_is_used_without_the_client(storage: Embedded, bucket: Any) -> None:
    url = _session(bucket, if_generation_match=0)
    assert storage.http.put(url, content=b"data").json()["size"] == "4"
    assert bucket.get_blob("object").metadata == {"made": "here"}


def test_nothing_is_seen_before_the_last_chunk(storage: Embedded, bucket: Any) -> None:
    data = os.urandom(GRANULE + 100)
    url = _session(bucket)
    answer = _put(storage, url, data[:GRANULE], f"0-{GRANULE - 1}/{len(data)}")
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{GRANULE - 1}")
    assert not bucket.blob("object").exists()
    answer = _put(storage, url, data[GRANULE:], f"{GRANULE}-{len(data) - 1}/{len(data)}")
    assert answer.status_code == 200
    assert bucket.blob("object").download_as_bytes() == data


def test_the_state_can_be_asked_for(storage: Embedded, bucket: Any) -> None:
    url = _session(bucket)
    answer = _put(storage, url, b"", "*/*")
    assert (answer.status_code, "range" in answer.headers) == (308, False)
    _put(storage, url, b"x" * GRANULE, f"0-{GRANULE - 1}/*")
    answer = _put(storage, url, b"", f"*/{GRANULE + 4}")
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{GRANULE - 1}")
    _put(storage, url, b"data", f"{GRANULE}-{GRANULE + 3}/{GRANULE + 4}")
    answer = _put(storage, url, b"", "*/*")
    assert (answer.status_code, answer.json()["size"]) == (200, str(GRANULE + 4))


def test_the_total_can_be_told_after_the_bytes(storage: Embedded, bucket: Any) -> None:
    url = _session(bucket)
    _put(storage, url, b"x" * GRANULE, f"0-{GRANULE - 1}/*")
    assert _put(storage, url, b"", f"*/{GRANULE}").status_code == 200
    assert bucket.get_blob("object").size == GRANULE


def test_a_chunk_that_was_taken_already_changes_nothing(storage: Embedded, bucket: Any) -> None:
    data = os.urandom(2 * GRANULE + 3)
    url = _session(bucket)
    for _ in range(2):
        _put(storage, url, data[:GRANULE], f"0-{GRANULE - 1}/{len(data)}")
    assert _put(storage, url, data[10:], f"10-{len(data) - 1}/{len(data)}").status_code == 200
    first = bucket.get_blob("object")
    again = _put(storage, url, data[GRANULE:], f"{GRANULE}-{len(data) - 1}/{len(data)}")
    assert (again.status_code, again.json()["generation"]) == (200, str(first.generation))
    assert first.download_as_bytes() == data


@pytest.mark.parametrize(
    ("data", "extent"),
    [
        (b"data", f"{2 * GRANULE}-{2 * GRANULE + 3}/*"),
        (b"too long", f"{GRANULE}-{GRANULE + 3}/{GRANULE + 4}"),
        (b"short", f"{GRANULE}-{GRANULE + 9}/{GRANULE + 10}"),
        (b"data", f"{GRANULE + 3}-{GRANULE}/*"),
        (b"data", f"{GRANULE}-{GRANULE + 3}/4"),
        (b"data", "nonsense"),
    ],
)
def test_a_chunk_that_does_not_join_is_refused(
    storage: Embedded, bucket: Any, data: bytes, extent: str
) -> None:
    url = _session(bucket)
    _put(storage, url, b"x" * GRANULE, f"0-{GRANULE - 1}/*")
    assert _put(storage, url, data, extent).status_code == 400
    assert _put(storage, url, b"", "*/*").headers["range"] == f"bytes=0-{GRANULE - 1}"
    assert not bucket.blob("object").exists()


def test_a_torn_chunk_is_resumed_at_a_granule(storage: Embedded, bucket: Any) -> None:
    data = os.urandom(5 * GRANULE)
    url = _session(bucket)
    head = _request_head("PUT", url, f"Content-Range: bytes 0-{len(data) - 1}/{len(data)}", len(data))
    _send_and_hang_up(storage, head + data[: 3 * GRANULE + 1000])

    def received() -> int:
        answer = _put(storage, url, b"", "*/*")
        return int(answer.headers["range"].rpartition("-")[2]) + 1 if "range" in answer.headers else 0

    start = eventually(received)
    assert start % GRANULE == 0
    answer = _put(storage, url, data[start:], f"{start}-{len(data) - 1}/{len(data)}")
    assert answer.status_code == 200
    assert bucket.blob("object").download_as_bytes() == data


def test_a_canceled_upload_is_gone(storage: Embedded, bucket: Any, directory: Path) -> None:
    url = _session(bucket)
    _put(storage, url, b"x" * GRANULE, f"0-{GRANULE - 1}/*")
    assert storage.http.delete(url).status_code == 499
    assert _put(storage, url, b"", "*/*").status_code == 404
    assert not (directory / "incoming" / f"{url.rpartition('=')[2]}.upload").exists()


@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_a_torn_upload_leaves_nothing(storage: Embedded, bucket: Any, directory: Path, size: int) -> None:
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=object"
    head = _request_head("POST", url, "Content-Type: image/png", size)
    _send_and_hang_up(storage, head + b"x" * (size - 1))
    # The next answer proves nothing yet: the torn request may still be on its way through the server.
    eventually(lambda: not list((directory / "incoming").glob("*.part")))
    assert not list(bucket.list_blobs())
    assert storage.told(bucket) == []


def _request_head(method: str, url: str, header: str, length: int) -> bytes:
    parts = urlsplit(url)
    lines = [f"{method} {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", header]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def _send_and_hang_up(storage: Embedded, data: bytes) -> None:
    parts = urlsplit(storage.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(data)


def test_a_chunk_may_reach_to_the_end_of_its_request(storage: Embedded, bucket: Any) -> None:
    """Node's client sends everything in one request and does not say how much."""
    data = os.urandom(GRANULE + 5)
    assert _put(storage, _session(bucket, "whole"), data, "0-*/*").json()["size"] == str(len(data))
    url = _session(bucket, "resumed")
    assert _put(storage, url, data[:GRANULE], f"0-{GRANULE - 1}/*").status_code == 308
    assert _put(storage, url, data[GRANULE:], f"{GRANULE}-*/{len(data)}").status_code == 200
    assert bucket.blob("whole").download_as_bytes() == bucket.blob("resumed").download_as_bytes() == data


def test_a_chunk_to_the_end_may_end_early(storage: Embedded, bucket: Any) -> None:
    data = os.urandom(GRANULE + 5)
    url = _session(bucket)
    answer = _put(storage, url, data, f"0-*/{2 * GRANULE}")
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{GRANULE - 1}")
    assert _put(storage, url, data + data, f"{GRANULE}-*/{GRANULE + 5}").status_code == 400
    assert _put(storage, url, data[GRANULE:], f"{GRANULE}-*/{GRANULE + 5}").status_code == 200
    assert bucket.blob("object").download_as_bytes() == data


@pytest.mark.parametrize("extent", ["5-3/*", "0-*", "9-*/9", "-*/*", "0-9/5"])
def test_an_extent_that_cannot_be_is_refused(storage: Embedded, bucket: Any, extent: str) -> None:
    assert _put(storage, _session(bucket), b"data", extent).status_code == 400


def test_a_small_chunk_is_refused_unless_it_is_the_last(storage: Embedded, bucket: Any) -> None:
    url = _session(bucket)
    answer = _put(storage, url, b"x" * 1000, "0-999/*")
    assert (answer.status_code, str(GRANULE) in answer.text) == (400, True)
    assert _put(storage, url, b"x" * 1000, "0-999/1000").status_code == 200


BODY = b'--sep\r\nContent-Type: application/json\r\n\r\n{"name": "object"}\r\n--sep\r\n\r\n'


@pytest.mark.parametrize("data", [b"", b"data", b"\r\n--sep\r\n", b"--sep--", b"\r\n", b"x" * 200_000])
@pytest.mark.parametrize("boundary", ["sep", '"sep"', "'sep'"])
def test_a_multipart_upload_keeps_every_byte(
    storage: Embedded, bucket: Any, data: bytes, boundary: str
) -> None:
    answer = _multipart(storage, bucket, BODY + data + b"\r\n--sep--", boundary)
    assert answer.json()["contentType"] == "application/octet-stream"
    assert bucket.blob("object").download_as_bytes() == data


@pytest.mark.parametrize("end", ["  ", "\r\n", "\r\n\r\n", "\n\n"])
@pytest.mark.parametrize("data", [b"", b"data \r\n", b"x" * 200_000])
def test_white_space_may_follow_a_multipart_upload(
    storage: Embedded, bucket: Any, data: bytes, end: str
) -> None:
    body = BODY + data + b"\r\n--sep--" + end.encode()
    assert _multipart(storage, bucket, body).status_code == 200
    assert bucket.blob("object").download_as_bytes() == data


@pytest.mark.parametrize("data", [b"", b"data\r", b"\n--sep\n", b"a\r\n\r\n\n\nb", b"x" * 200_000])
@pytest.mark.parametrize("end", [b"--sep--", b"--sep--\n"])
def test_lines_of_a_multipart_upload_may_end_with_a_line_feed(
    storage: Embedded, bucket: Any, data: bytes, end: bytes
) -> None:
    """As gcloud and gcsfs write them."""
    head = b'--sep\nContent-Type: application/json\n\n{"name": "object"}\n--sep\nContent-Type: a/b\n\n'
    answer = _multipart(storage, bucket, head + data + b"\n" + end)
    assert answer.json()["contentType"] == "a/b"
    assert bucket.blob("object").download_as_bytes() == data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no parts",
        BODY,
        BODY + b"data",
        BODY + b"data\r\n--sep",
        b'--sep\r\n\r\n{"name": \r\n--sep\r\n\r\ndata\r\n--sep--',
        b"--sep\r\n\r\n[]\r\n--sep\r\n\r\ndata\r\n--sep--",
        b"--sep\r\n\r\n{}\r\n--sep\r\n\r\ndata\r\n--sep--",
        b"--sep\r\n\r\n" + b" " * 2_000_000,
    ],
)
def test_a_broken_multipart_upload_is_refused(storage: Embedded, bucket: Any, body: bytes) -> None:
    assert _multipart(storage, bucket, body).status_code == 400
    assert not list(bucket.list_blobs())


def _multipart(storage: Embedded, bucket: Any, body: bytes, boundary: str = "sep") -> Any:
    headers = {"content-type": f"multipart/related; boundary={boundary}"}
    address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=multipart"
    return storage.http.post(address, content=body, headers=headers)


def test_an_upload_of_no_known_type_is_refused(storage: Embedded, bucket: Any) -> None:
    address = f"/upload/storage/v1/b/{bucket.name}/o?name=object"
    assert storage.http.post(address, content=b"data").status_code == 400
