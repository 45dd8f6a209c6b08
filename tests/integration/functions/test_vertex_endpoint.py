"""What the endpoint answers, asked by Google's own client, and what that means for the message."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from functions import vertex_endpoint
from functions.contract.errors import ModelUnavailable, PlantainError, Transient, UnreadableMessage
from functions.contract.settings import Settings
from local.vertex_emulator.endpoint_environment import endpoint_name
from local.vertex_emulator.server import VertexServer
from tests.integration.functions.deployment import settings_for
from tests.integration.local.vertex_servers import container, serving

ENDPOINT = endpoint_name("demo")
MESSAGE = b'{"version":1,"job_id":"job_aaaaaaaaaaaaaaaaaaaaaaaaaa"}'
ENDED = b'{"predictions": [{"job_id": "job_aaaaaaaaaaaaaaaaaaaaaaaaaa", "state": "failed"}]}'


class Replica:
    """Answers what it was told to, and remembers what it was asked."""

    status = 200
    body = ENDED

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.is_free = threading.Event()
        self.is_free.set()

    def __call__(self, body: bytes) -> tuple[int, bytes]:
        self.asked.append(json.loads(body))
        self.is_free.wait()
        return self.status, self.body


@pytest.fixture
def replica() -> Replica:
    return Replica()


@pytest.fixture
def vertex(replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[VertexServer]:
    with container(replica) as there, serving(tmp_path, there) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificate.bundle))
        server.deploy(ENDPOINT)
        yield server


def asked(vertex: VertexServer, **changes: Any) -> None:
    vertex_endpoint.run_on_endpoint(settings(vertex, **changes), MESSAGE)


def settings(vertex: VertexServer, **changes: Any) -> Settings:
    return settings_for("demo", **{"vertex_endpoint": ENDPOINT, "vertex_url": vertex.url, **changes})


def test_the_message_is_the_one_instance(vertex: VertexServer, replica: Replica) -> None:
    asked(vertex)
    asked(vertex)
    assert replica.asked == [{"instances": [json.loads(MESSAGE)]}] * 2


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_what_another_call_can_mend_is_transient(vertex: VertexServer, replica: Replica, status: int) -> None:
    replica.status, replica.body = status, b'{"code": "held_elsewhere"}'
    with pytest.raises(Transient, match=f"{status} \\(held_elsewhere\\)"):
        asked(vertex)


def test_a_call_that_takes_too_long_is_transient(vertex: VertexServer, replica: Replica) -> None:
    replica.is_free.clear()
    try:
        vertex.faults.seconds = 0.2
        with pytest.raises(Transient, match="504"):
            asked(vertex)
        vertex.faults.seconds = 600
        with pytest.raises(Transient, match="Timeout"):
            asked(vertex, vertex_seconds=0.2)
    finally:
        replica.is_free.set()


def test_a_message_that_the_worker_refuses_will_never_be_taken(
    vertex: VertexServer, replica: Replica
) -> None:
    replica.status, replica.body = 409, b'{"code": "unsupported_version"}'
    with pytest.raises(UnreadableMessage, match="unsupported_version"):
        asked(vertex)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": {"code": 400, "status": "FAILED_PRECONDITION"}}'),
        (403, b"{}"),
        (404, b"<html>"),
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"predictions": []}'),
        (200, b'{"predictions": [0.7]}'),
        (200, b'{"predictions": [{"error": {"code": "not_found"}}]}'),
    ],
)
def test_what_is_set_up_wrongly_is_told_apart(
    vertex: VertexServer, replica: Replica, status: int, body: bytes
) -> None:
    replica.status, replica.body = status, body
    with pytest.raises(ModelUnavailable):
        asked(vertex)


def test_an_endpoint_without_a_model_or_without_itself_is_unavailable(vertex: VertexServer) -> None:
    vertex.registry.make_endpoint(ENDPOINT)
    with pytest.raises(ModelUnavailable, match="400"):
        asked(vertex)
    with pytest.raises(ModelUnavailable, match="404"):
        asked(vertex, vertex_endpoint=endpoint_name("elsewhere"))


def test_an_endpoint_that_has_no_address_yet_is_unavailable(vertex: VertexServer) -> None:
    vertex.registry.make_endpoint(ENDPOINT)["dedicatedEndpointDns"] = ""
    with pytest.raises(ModelUnavailable, match="no address"):
        asked(vertex)


def test_an_endpoint_that_has_moved_is_found_again(vertex: VertexServer) -> None:
    """What a thread has kept of it is forgotten as soon as a call fails."""
    there = vertex.registry.read_endpoint(ENDPOINT)
    address, there["dedicatedEndpointDns"] = there["dedicatedEndpointDns"], "127.0.0.1:9"
    with pytest.raises(Transient):
        asked(vertex)
    there["dedicatedEndpointDns"] = address
    asked(vertex)


def test_an_error_says_nothing_of_the_answer(vertex: VertexServer, replica: Replica) -> None:
    """An answer may hold a prompt: an error's text ends in logs and manifests."""
    for status in (200, 400, 403, 503):
        replica.status, replica.body = status, b'{"code": 7, "detail": "zanzibarquokka"}'
        with pytest.raises(PlantainError) as refused:
            asked(vertex)
        assert "zanzibarquokka" not in refused.value.message
