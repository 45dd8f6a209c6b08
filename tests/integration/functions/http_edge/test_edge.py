"""The edge of HTTP on a real server: every refusal, of every layer, is problem+json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.api.request_body import MAX_BODY
from functions.contract.errors import PlantainError
from tests.integration.functions.deployment import FINALIZED, Deployment
from tests.integration.functions.raw_http_server import (
    HttpServer,
    RawAnswer,
    environment_of,
    framework_server,
    laptop_server,
)
from tests.integration.functions.servers import Servers

SERVERS = {"framework": framework_server, "laptop": laptop_server}
JOB = b'{"task": "generate", "prompt": "a boat", "dry_run": true}'
POST = b"POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HttpServer]:
    log = tmp_path_factory.mktemp("server") / "log"
    with pytest.MonkeyPatch.context() as patched:
        for name, value in servers.environment.items():
            patched.setenv(name, value)
        environment = environment_of(Deployment.create(servers), servers)
        with SERVERS[request.param](environment, "api", log) as running:
            yield running


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def refused(answer: RawAnswer, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json", answer
    problem = answer.problem
    assert (answer.status, problem["code"], problem["status"]) == (status, code, status)
    assert code in PlantainError.tree()
    assert b"Traceback" not in answer.body
    assert b"<html" not in answer.body.lower()


REFUSALS = {
    "no HTTP": (b"hello\r\n\r\n", 400, "invalid_request"),
    "a method in small letters": (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"),
    "another version": (b"GET / HTTP/3.7\r\nHost: a\r\n\r\n", 400, "invalid_request"),
    "a header without a colon": (GET + b"nothing\r\n\r\n", 400, "invalid_request"),
    "a header's bad name": (GET + b"a b: c\r\n\r\n", 400, "invalid_request"),
    "a NUL in a header": (GET + b"a: \x00\r\n\r\n", 400, "invalid_request"),
    "a folded header": (GET + b"a: b\r\n c\r\n\r\n", 400, "invalid_request"),
    "a long line": (b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"),
    "many headers": (GET + b"a: b\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
    "a large header": (GET + b"a: " + b"b" * 20_000 + b"\r\n\r\n", 431, "headers_too_large"),
    "two hosts": (GET + b"Host: b\r\n\r\n", 400, "invalid_request"),
    "a length that is none": (POST + b"Content-Length: x\r\n\r\n", 400, "invalid_request"),
    "a length below zero": (POST + b"Content-Length: -1\r\n\r\n", 400, "invalid_request"),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "invalid_request"),
    "a length and chunks": (CHUNKED + b"Content-Length: 2\r\n\r\n{}", 400, "invalid_request"),
    "an unknown coding": (
        POST + b"Transfer-Encoding: snappy\r\n\r\n",
        501,
        "unsupported_transfer_coding",
    ),
    "an expectation": (POST + b"Expect: a miracle\r\n\r\n", 417, "expectation_failed"),
    "a chunk of no size": (CHUNKED + b"\r\nxyz\r\n{}\r\n0\r\n\r\n", 400, "invalid_request"),
    "a chunk below zero": (CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n", 400, "invalid_request"),
    "a chunk of another size": (CHUNKED + b"\r\n1\r\n{}\r\n0\r\n\r\n", 400, "invalid_request"),
    "a chunk's bad extension": (CHUNKED + b"\r\n2;a b\r\n{}\r\n0\r\n\r\n", 400, "invalid_request"),
    "a gzipped body": (
        POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        415,
        "unsupported_media_type",
    ),
    "robots": (b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
    "an icon": (b"GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
    "a line break in a path": (b"GET /v1/a%0Ab HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
    "a NUL in a path": (b"GET /v1/jobs/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
    "a bad escape in a path": (b"GET /v1/jobs/%zz%ff HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
    "a bad escape in a query": (
        b"GET /v1/jobs?limit=%zz%ff HTTP/1.1\r\nHost: a\r\n\r\n",
        400,
        "invalid_request",
    ),
    "a method that is none here": (b"PUT /v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
    "an invented method": (b"BREW /v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
}


@pytest.mark.parametrize(("sent", "status", "code"), REFUSALS.values(), ids=list(REFUSALS))
def test_what_is_refused_is_problem_json(server: HttpServer, sent: bytes, status: int, code: str) -> None:
    refused(server.send(sent), status, code)


def test_a_body_that_ends_early_is_told_as_such(server: HttpServer) -> None:
    answer = server.send(POST + b"Content-Length: 900\r\n\r\n" + JOB, then_close=True)
    refused(answer, 400, "invalid_request")
    assert "Content-Length" in str(answer.problem["detail"])


def test_chunks_that_end_early_are_told_as_such(server: HttpServer) -> None:
    answer = server.send(CHUNKED + b"\r\n" + chunk(JOB), then_close=True)
    refused(answer, 400, "invalid_request")


def test_the_bound_is_below_cloud_runs_own() -> None:
    """Cloud Run cuts at 32 MB and says nothing of uploads: we are to be asked first."""
    assert MAX_BODY < 32 * 10**6


@pytest.mark.parametrize("length", [MAX_BODY + 1, 10**12])
def test_too_much_is_refused_before_it_is_sent(server: HttpServer, length: int) -> None:
    answer = server.send(POST + b"Content-Length: %d\r\n\r\n{" % length, then_close=True)
    refused(answer, 413, "request_too_large")
    assert "/v1/uploads" in str(answer.problem["detail"])


def test_too_much_in_chunks_is_refused_where_the_bound_is(server: HttpServer) -> None:
    part = chunk(b" " * 2**20)
    answer = server.send(CHUNKED + b"\r\n" + part * (MAX_BODY // 2**20 + 1), then_close=True)
    refused(answer, 413, "request_too_large")


def test_a_body_that_is_not_read_is_no_harm(server: HttpServer) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    assert server.send(head + b"x" * 100_000).status == 200


@pytest.mark.parametrize("head", [b"", b"Expect: 100-continue\r\n"], ids=["plain", "100-continue"])
def test_a_body_in_chunks_is_as_good_as_any(server: HttpServer, head: bytes) -> None:
    body = b"".join(chunk(JOB[n : n + 7]) for n in range(0, len(JOB), 7)) + b"0\r\n\r\n"
    answer = server.send(CHUNKED + head + b"\r\n" + body)
    assert (answer.status, list(json.loads(answer.body))) == (200, ["estimate"])


def test_the_methods_of_an_address_are_told(server: HttpServer) -> None:
    answer = server.send(b"OPTIONS /v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, POST")


@pytest.mark.parametrize("path", [b"/v1beta/files/a%0A", b"/v1beta/files/a%0Ab", b"/v1beta/files/%0A"])
def test_an_address_with_a_line_break_is_refused_by_its_own_interface(
    server: HttpServer, path: bytes
) -> None:
    answer = server.send(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")


def test_no_refusal_is_logged_with_a_trace_or_with_what_was_sent(server: HttpServer) -> None:
    server.send(GET + b"authorization secret-of-mine\r\n\r\n")
    server.send(CHUNKED + b"\r\nsecret-of-mine\r\n")
    log = server.log.read_text("utf-8", "replace")
    assert "secret-of-mine" not in log
    assert "Traceback" not in log


# Functions that are called for events. -----------------------------------------------------------------

EVENT = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def notify(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    log: Path = tmp_path_factory.mktemp("notify") / "log"
    with pytest.MonkeyPatch.context() as patched:
        for name, value in servers.environment.items():
            patched.setenv(name, value)
        environment = environment_of(Deployment.create(servers), servers)
        with framework_server(environment, "notify", log) as running:
            yield running


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"a": [' + b"{}," * 9_000 + b"{}]}",
    ],
    ids=["cut", "list", "null", "deep", "long"],
)
def test_an_event_that_is_no_object_of_json_is_no_fault_of_ours(notify: HttpServer, body: bytes) -> None:
    answer = notify.send(EVENT + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "metadata", [{f"k{n}": "" for n in range(1_600)}, {"a": "\ud800"}], ids=["many", "no text"]
)
def test_what_an_event_tells_of_is_held_to_no_rule_of_requests(
    notify: HttpServer, metadata: dict[str, str]
) -> None:
    """Whatever was refused would come again: an object may have 8 KiB of metadata, in many fields."""
    told = {"bucket": "another", "name": "a.png", "generation": "1", "metadata": metadata}
    body = json.dumps(told).encode()
    head = EVENT + f"ce-id: 1\r\nce-source: //a\r\nce-specversion: 1.0\r\nce-type: {FINALIZED}\r\n".encode()
    assert notify.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body).status == 200


def test_an_event_function_takes_post_alone(notify: HttpServer) -> None:
    refused(notify.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 405, "method_not_allowed")
