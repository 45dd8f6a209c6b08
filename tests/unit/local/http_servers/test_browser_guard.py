"""Who may speak to a server of this machine through a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from local.http_servers.browser_guard import (
    HOSTS_VARIABLE,
    AsgiGuard,
    WsgiGuard,
    is_known_host,
    is_local_origin,
    refusal_reason,
)
from local.stack.fault_control import ControlServer
from local.traces.span_receiver import SpanReceiver


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:9023", "127.0.0.1:9023", "[::1]:80", "10.1.2.3", "app.localhost"),
        *(
            "storage:9023",
            "host.docker.internal:9023",
            "host.containers.internal",
            "LOCALHOST:1",
            "127.0.0.1.",
        ),
    ],
)
def test_a_name_of_this_machine_is_known(host: str) -> None:
    assert is_known_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:9023",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[::1",
        "a.internal",
    ],
)
def test_a_stranger_s_name_is_not(host: str) -> None:
    assert not is_known_host(host)


def test_further_names_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOSTS_VARIABLE, "emulators.test, other.test")
    assert is_known_host("emulators.test:9023")
    assert is_known_host("OTHER.test")
    assert not is_known_host("third.test")


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:5173", True),
        ("http://app.localhost", True),
        ("http://10.0.0.5:8080", True),  # the server itself, as the caller names it
        ("http://10.0.0.6:8080", False),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("null", False),
        ("file://", False),
        ("chrome-extension://abc", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_a_page_of_this_machine_is_told_by_its_origin(origin: str, is_local: bool) -> None:
    assert is_local_origin(origin, "10.0.0.5:8080") == is_local


def test_a_request_without_an_origin_is_not_of_a_page() -> None:
    assert refusal_reason("127.0.0.1", None) is None
    assert refusal_reason(None, None) is None
    assert "evil.example" in (refusal_reason("evil.example", None) or "")
    assert "null" in (refusal_reason("127.0.0.1", "null") or "")


STRANGE = [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}]


@pytest.mark.parametrize("headers", STRANGE)
def test_an_asgi_application_is_not_reached(headers: dict[str, str]) -> None:
    async def ask(**headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(AsgiGuard(PlainTextResponse("reached")))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get("/", headers=headers)

    refused = asyncio.run(ask(**headers))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_origin")
    assert asyncio.run(ask(origin="http://localhost:1")).text == "reached"


@pytest.mark.parametrize("headers", STRANGE)
def test_a_wsgi_application_is_not_reached(headers: dict[str, str]) -> None:
    def application(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"reached"]

    with httpx.Client(
        transport=httpx.WSGITransport(WsgiGuard(application)), base_url="http://127.0.0.1"
    ) as client:
        assert client.get("/", headers=headers).status_code == 403
        assert client.get("/", headers={"origin": "http://localhost:1"}).text == "reached"


@pytest.mark.parametrize("headers", STRANGE)
def test_the_control_endpoint_and_the_receiver_of_spans_are_guarded(headers: dict[str, str]) -> None:
    async def ask_control() -> list[int]:
        control = ControlServer({}, lambda: {"pid": 1})
        await control.start()
        try:
            async with httpx.AsyncClient(base_url=control.url) as client:
                answers = [await client.get("/", headers=each) for each in ({}, headers)]
                return [answer.status_code for answer in answers]
        finally:
            await control.stop()

    assert asyncio.run(ask_control()) == [200, 403]
    with SpanReceiver(lambda _: None).listening() as receiver:
        answers = [
            httpx.post(f"{receiver.url}/v1/metrics", headers=each).status_code for each in ({}, headers)
        ]
    assert answers == [200, 403]
