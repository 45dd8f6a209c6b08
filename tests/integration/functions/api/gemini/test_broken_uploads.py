"""Uploads whose connections break, whose server is another one, and whose pieces come at the same time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.files.upload_sessions import append_piece, find_session, finish_session
from local.http_servers.ports import HOST
from tests.integration.functions.api.gemini.test_files import Upload, call
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.raw_http_server import HttpServer, environment_of, laptop_server
from tests.integration.functions.servers import Servers

PIECE = b"0123456789" * 50_000


@pytest.fixture
def server(deployment: Deployment, servers: Servers, tmp_path: Path) -> Iterator[HttpServer]:
    with laptop_server(environment_of(deployment, servers), "api", tmp_path / "log") as running:
        yield running


def head_of(upload: Upload, command: str, offset: int, length: int) -> bytes:
    lines = [
        f"POST {upload.path} HTTP/1.1",
        f"Host: {HOST}",
        f"X-Goog-Upload-Command: {command}",
        f"X-Goog-Upload-Offset: {offset}",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_connection_that_closes_within_a_piece_leaves_what_arrived_before(
    deployment: Deployment, server: HttpServer
) -> None:
    upload = Upload.of(deployment, 2 * len(PIECE))
    assert server.send(head_of(upload, "upload", 0, len(PIECE)) + PIECE).status == 200
    with socket.create_connection((HOST, server.port), timeout=60) as connection:
        connection.sendall(head_of(upload, "upload, finalize", len(PIECE), len(PIECE)) + PIECE[:1000])
    broken = server.send(
        head_of(upload, "upload, finalize", len(PIECE), len(PIECE)) + PIECE[:1000], then_close=True
    )
    assert broken.status == 400
    assert upload.arrived() == ("active", len(PIECE))
    answer = upload.send("upload, finalize", PIECE, len(PIECE))
    assert answer.json["file"]["sizeBytes"] == str(2 * len(PIECE))


def test_an_upload_goes_on_at_another_server(
    deployment: Deployment, servers: Servers, tmp_path: Path
) -> None:
    upload = Upload.of(deployment, 2 * len(PIECE))
    with laptop_server(environment_of(deployment, servers), "api", tmp_path / "first") as first:
        assert first.send(head_of(upload, "upload", 0, len(PIECE)) + PIECE).status == 200
    with laptop_server(environment_of(deployment, servers), "api", tmp_path / "second") as second:
        whole = head_of(upload, "upload, finalize", len(PIECE), len(PIECE)) + PIECE
        answer = second.send(whole)
    assert (answer.status, answer.headers["x-goog-upload-status"]) == (200, "final")
    [file] = call(deployment, "GET", "/v1beta/files").json["files"]
    assert call(deployment, "GET", f"/v1beta/{file['name']}:download").data == PIECE + PIECE


def test_of_equal_pieces_at_once_one_is_added(deployment: Deployment) -> None:
    upload = Upload.of(deployment)
    upload.send("upload", PIECE, 0)

    def send(_: int) -> tuple[int, str | None]:
        answer = Upload(deployment, upload.path).send("upload", b"more", len(PIECE))
        return answer.status_code, answer.headers.get("x-goog-upload-status")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert (200, "active") in answers
    assert answers <= {(200, "active"), (503, None)}  # 503 without a status: the client sends it again
    assert upload.arrived() == ("active", len(PIECE) + 4)


def test_an_end_that_comes_after_an_equal_one_names_the_same_file(deployment: Deployment) -> None:
    upload, services = Upload.of(deployment), deployment.services
    session = append_piece(services, find_session(services, upload.path.rpartition("/")[2]), 0, PIECE)
    first, second = (finish_session(services, session) for _ in range(2))  # both had read the same session
    assert first.id == second.id


def test_of_equal_ends_at_once_all_name_one_file(deployment: Deployment) -> None:
    upload, services = Upload.of(deployment), deployment.services
    session = append_piece(services, find_session(services, upload.path.rpartition("/")[2]), 0, PIECE)
    with ThreadPoolExecutor(8) as pool:
        ends = [pool.submit(finish_session, services, session) for _ in range(8)]
    made = {end.result().id for end in ends}
    assert len(made) == 1
    assert upload.arrived() == ("final", len(PIECE))
    assert len(call(deployment, "GET", "/v1beta/files").json["files"]) == 1
