"""A local server of the Hugging Face hub's API, for the hub's own client."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_FILE = re.compile(r"/(?P<id>[\w.-]+/[\w.-]+)/resolve/(?P<revision>\w+)/(?P<path>.+)")
_INFO = re.compile(r"/api/models/(?P<id>[\w.-]+/[\w.-]+)/revision/(?P<revision>\w+)")


@dataclass
class Hub:
    """What the hub has, and what it is told to do wrong.

    Attributes:
        files: the bytes of one repository's files, by path.
        large: the paths that are kept by their SHA-256, as the hub keeps weights.
        damaged: the bytes that are sent instead of a file's own.
        hold_at: (path, bytes): the answer stops there until ``released``.
        asked: (path, range header) of every file that was asked for.
    """

    repository: str
    files: dict[str, bytes]
    large: set[str]
    commit: str = COMMIT
    gated: bool = False
    damaged: dict[str, bytes] = field(default_factory=dict[str, bytes])
    hold_at: tuple[str, int] | None = None
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    url: str = ""

    def info(self) -> bytes:
        """Returns what ``/api/models/…/revision/…?blobs=true`` answers."""
        siblings = [self._sibling(path) for path in self.files]
        about = {"id": self.repository, "sha": self.commit, "gated": "auto" if self.gated else False}
        return json.dumps({**about, "siblings": siblings}).encode()

    def _sibling(self, path: str) -> dict[str, object]:
        content = self.files[path]
        git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        about: dict[str, object] = {"rfilename": path, "size": len(content), "blobId": git}
        if path in self.large:
            sha256 = hashlib.sha256(content).hexdigest()
            about["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
        return about


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: ClassVar[Hub]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.split("?")[0])
        if info := _INFO.fullmatch(path):
            self._answer_info(info)
        elif file := _FILE.fullmatch(path):
            self._answer_file(file)
        else:
            self._send(404, b"{}", {})

    def _answer_info(self, asked: re.Match[str]) -> None:
        hub = self.hub
        if asked["id"] != hub.repository:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif asked["revision"] not in ("main", hub.commit):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            self._send(200, hub.info(), {})

    def _answer_file(self, asked: re.Match[str]) -> None:
        hub, path = self.hub, asked["path"]
        if hub.gated:
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
            return
        hub.asked.append((path, self.headers.get("Range")))
        content = hub.damaged.get(path, hub.files[path])
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        ranged = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        self._send(206 if start else 200, content[start:], ranged, path)

    def _send(self, status: int, body: bytes, headers: dict[str, str], path: str = "") -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        hub, cut = self.hub, len(body)
        if hub.hold_at and hub.hold_at[0] == path:
            cut = hub.hold_at[1]
        self.wfile.write(body[:cut])
        if cut < len(body):
            self._hold()

    def _hold(self) -> None:
        """Keeps the rest back until the test lets go; then the connection ends without it."""
        self.wfile.flush()
        self.hub.held.set()
        self.hub.released.wait()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serve_hub(hub: Hub) -> Generator[Hub]:
    """Serves the hub; ``hub.url`` is what HF_ENDPOINT is set to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Pages", (_Pages,), {"hub": hub}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
