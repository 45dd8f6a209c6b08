"""Several functions behind one port."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.test import Client

from local.stack.function_router import FunctionRouter, WsgiApplication


def teller(name: str) -> WsgiApplication:
    """An application that answers with its name and where it was called."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{name} {environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]

    return application


@pytest.fixture
def client() -> Client:
    mounts = {mount: teller(name) for mount, name in (("/", "api"), ("/_f/a", "a"), ("/_f/a/b", "b"))}
    return Client(FunctionRouter(mounts))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "api  /"),
        ("/v1/jobs", "api  /v1/jobs"),
        ("/_f", "api  /_f"),
        ("/_f/a", "a /_f/a /"),
        ("/_f/a/", "a /_f/a /"),
        ("/_f/a/more", "a /_f/a /more"),
        ("/_f/ab", "api  /_f/ab"),
        ("/_f/a/b", "b /_f/a/b /"),
    ],
)
def test_the_longest_mount_takes_the_request_and_is_called_at_a_slash(
    client: Client, path: str, said: str
) -> None:
    assert client.get(path).text == said
