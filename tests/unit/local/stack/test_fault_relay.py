"""The stack's faults behind the API's address: for operators of this laptop alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import Client

from local.data_folder import DataDirectory
from local.stack.fault_relay import FaultRelay

FAULTS = {"storage": {"slow": 0.0}}
SCOPES = {"operator": ["admin", "generate", "read"], "ada": ["generate", "read"]}


class Stack(BaseHTTPRequestHandler):
    """Answers as the API does, which knows two keys, and as the control endpoint."""

    def do_GET(self) -> None:
        if self.path == "/faults":
            self._answer(200, FAULTS)
        elif (key := self.headers.get("X-API-Key", "")) in SCOPES:
            self._answer(200, {"scopes": SCOPES[key]})
        else:
            self._answer(401, {"code": "unauthenticated"})

    def do_PUT(self) -> None:
        self._answer(200, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """The relay of a stack that runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stack)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    DataDirectory(tmp_path).write_state({"pid": os.getpid(), "api": address, "control": address})
    yield Client(FaultRelay(DataDirectory(tmp_path)))
    server.shutdown()
    server.server_close()
    thread.join()


OPERATOR = {"X-API-Key": "operator"}


def test_faults_are_read_and_set(client: Client) -> None:
    assert client.get("/faults", headers=OPERATOR).json == FAULTS
    changed = {"storage": {"slow": 1}}
    assert client.put("/faults", json=changed, headers=OPERATOR).json == changed


def test_other_paths_methods_and_sizes_are_refused(client: Client) -> None:
    assert client.get("/", headers=OPERATOR).status_code == 404
    assert client.get("/faults/more", headers=OPERATOR).status_code == 404
    assert client.post("/faults", json={}, headers=OPERATOR).status_code == 405
    assert client.put("/faults", data=b" " * 5_000, headers=OPERATOR).status_code == 413


def test_the_api_says_who_is_an_operator(client: Client) -> None:
    assert client.get("/faults").status_code == 401
    answer = client.put("/faults", json={"storage": {"slow": 1}}, headers={"X-API-Key": "ada"})
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "missing_scope"


def test_without_a_stack_there_are_none(tmp_path: Path) -> None:
    assert Client(FaultRelay(DataDirectory(tmp_path))).get("/faults").status_code == 404


def test_a_stack_that_does_not_answer_is_said_to_be_away(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # the port of a service that throws everything away, and runs nowhere
    DataDirectory(tmp_path).write_state({"pid": os.getpid(), "api": nowhere, "control": nowhere})
    assert Client(FaultRelay(DataDirectory(tmp_path))).get("/faults").status_code == 503
