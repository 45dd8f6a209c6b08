"""Downloads of pictures, from a real server. The tests of public addresses say which hosts are asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from functions.api import remote_picture
from functions.api.remote_picture import download
from functions.contract.errors import ImageTooLarge, InvalidRequest
from functions.notifications.public_addresses import WebhookTarget

LARGE = 1024


class _Pictures(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        status = {"/moved": 302, "/missing": 404}.get(self.path, 200)
        body = b"p" * (LARGE + 1 if self.path == "/large" else 10)
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body) + (5 if self.path == "/cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(remote_picture, "MAX_INLINE", LARGE)
    _Pictures.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pictures)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(port: int, path: str) -> bytes:
    """Downloads from the server, under a name that only the request's header has."""
    url = f"http://pictures.example.com:{port}{path}"
    target = WebhookTarget(url, "http", "pictures.example.com", port, path)
    return asyncio.run(download(target, "127.0.0.1", "image"))


def test_a_picture_is_fetched_from_the_address_under_its_name(port: int) -> None:
    assert fetch(port, "/a.png?size=1") == b"p" * 10
    [(path, headers)] = _Pictures.seen
    assert (path, headers["host"]) == ("/a.png?size=1", f"pictures.example.com:{port}")
    assert not {"authorization", "cookie"} & set(headers)


@pytest.mark.parametrize("path", ["/moved", "/missing", "/cut"])
def test_what_is_no_whole_picture_is_refused(port: int, path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        fetch(port, path)
    assert caught.value.field == "image"
    assert [seen for seen, _ in _Pictures.seen] == [path]


def test_a_picture_that_is_too_large_is_not_read_to_its_end(port: int) -> None:
    with pytest.raises(ImageTooLarge):
        fetch(port, "/large")


def test_a_closed_port_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        fetch(9, "/a.png")
