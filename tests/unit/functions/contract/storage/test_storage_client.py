"""What the client of Cloud Storage takes from the environment: once, and not at each request."""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests

from functions.contract.settings import Settings
from functions.contract.storage.storage_client import storage_client

SETTINGS = Settings(project="demo", uploads_bucket="uploads", results_bucket="results", jobs_bucket="jobs")


def session() -> requests.Session:
    found: Any = storage_client(SETTINGS)._http  # pyright: ignore[reportPrivateUsage]
    assert isinstance(found, requests.Session)
    return found


def settings_of(session: requests.Session, address: str) -> dict[str, Any]:
    """What a request to ``address`` is sent with."""
    return session.merge_environment_settings(address, {}, None, None, None)


@pytest.fixture(autouse=True)
def emulator(monkeypatch: pytest.MonkeyPatch) -> str:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://storage.internal:4443")
    return "http://storage.internal:4443"


def test_a_proxy_and_certificates_of_the_environment_are_used(
    emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/our.pem")
    used = settings_of(session(), emulator)
    assert used["proxies"]["http"] == "http://proxy:3128"
    assert used["verify"] == "/etc/our.pem"


def test_a_host_that_needs_no_proxy_has_none(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", ".internal")
    assert not settings_of(session(), emulator)["proxies"]


def test_certificates_are_checked(emulator: str) -> None:
    assert settings_of(session(), emulator)["verify"] is True


def test_no_request_searches_the_environment(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = session()

    def search(*_: object, **__: object) -> None:
        raise AssertionError("the environment is searched")

    for name in ("get_environ_proxies", "get_netrc_auth"):
        monkeypatch.setattr(f"requests.sessions.{name}", search)
    made.prepare_request(requests.Request("GET", emulator))
    settings_of(made, emulator)
