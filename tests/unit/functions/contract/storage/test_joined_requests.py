"""What a server receives at once, of a request and of its body."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import closing
from typing import Any

import pytest
import requests
from urllib3.connection import HTTPConnection

from functions.contract.storage.joined_requests import JoiningAdapter

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LARGE = b"x" * 100_000


@pytest.fixture
def listener() -> Generator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, listener: socket.socket) -> list[bytes]:
    """What was given to the socket, one after the other. The answer is there before the request."""
    parts: list[bytes] = []

    class Recorded(socket.socket):
        def sendall(self, data: bytes, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            parts.append(bytes(data))

    def connect(_: HTTPConnection) -> socket.socket:
        connection = Recorded()
        connection.connect(listener.getsockname())
        peer, _ = listener.accept()
        with peer:
            peer.sendall(ANSWER)
        return connection

    monkeypatch.setattr(HTTPConnection, "_new_conn", connect)
    return parts


def send(method: str, body: Any = None) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", JoiningAdapter())
        return session.request(method, "http://storage.test/b/jobs", data=body)


def test_a_small_body_is_sent_with_its_head(sent: list[bytes]) -> None:
    assert send("POST", b"body").json() == {}
    (request,) = sent
    assert request.startswith(b"POST /b/jobs HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\nbody")


def test_a_request_without_a_body_is_its_head(sent: list[bytes]) -> None:
    send("GET")
    (request,) = sent
    assert request.startswith(b"GET /b/jobs HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\n")


def test_a_large_body_is_not_copied(sent: list[bytes]) -> None:
    send("PUT", LARGE)
    head, body = sent
    assert head.endswith(b"\r\n\r\n")
    assert body == LARGE


def test_a_body_of_parts_arrives_whole(sent: list[bytes]) -> None:
    send("POST", iter([b"one", LARGE, b"two"]))
    expected = b"3\r\none\r\n" + b"%x\r\n%b\r\n" % (len(LARGE), LARGE) + b"3\r\ntwo\r\n0\r\n\r\n"
    assert b"".join(sent).partition(b"\r\n\r\n")[2] == expected


def test_a_request_that_is_refused_before_it_is_sent_sends_nothing(sent: list[bytes]) -> None:
    def broken() -> Generator[bytes]:
        raise ValueError("no more")
        yield b""

    with pytest.raises(ValueError, match="no more"):
        send("POST", broken())
    assert sent == []
