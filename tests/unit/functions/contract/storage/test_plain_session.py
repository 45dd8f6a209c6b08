"""Requests that are sent as they are: what arrives is what ``requests`` itself would have sent."""

from __future__ import annotations

import io
from typing import Any
from unittest.mock import Mock

import pytest
import requests
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from functions.contract.storage.plain_session import PlainSession

ADDRESS = "https://storage.googleapis.com/upload/storage/v1/b/jobs/o?uploadType=multipart"


class Answers(HTTPAdapter):
    """Keeps what it is to send, and gives one answer after the other."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        super().__init__()
        self.sent: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []
        self.tokens: list[str | bytes | None] = []
        self._answers = iter(answers)

    def send(self, request: requests.PreparedRequest, *_: Any, **way: Any) -> requests.Response:
        self.sent.append((request, way))
        self.tokens.append(request.headers.get("authorization"))
        status, headers = next(self._answers)
        raw = HTTPResponse(io.BytesIO(b"{}"), headers, status, preload_content=False)
        return self.build_response(request, raw)


class Renewed(Credentials):
    """Credentials whose first token is too old."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "old"

    def refresh(self, request: object) -> None:
        self.token = "new"


def answered(session: requests.Session, *answers: tuple[int, dict[str, str]]) -> Answers:
    adapter = Answers(*answers)
    session.mount("https://", adapter)
    return adapter


def plain(credentials: Credentials | None = None) -> PlainSession:
    return PlainSession(credentials or AnonymousCredentials())


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
@pytest.mark.parametrize("data", [None, b"", b"\x00body", '{"name": "ü"}'])
def test_it_sends_what_requests_would(method: str, data: bytes | str | None) -> None:
    headers: dict[str, Any] = {"content-type": b"multipart/related", "Accept-Encoding": "gzip"}
    found: list[tuple[Any, ...]] = []
    for session in (plain(), AuthorizedSession(AnonymousCredentials())):
        session.trust_env = False
        adapter = answered(session, (200, {}))
        session.request(method, ADDRESS, data=data, headers=headers, timeout=3)
        request, way = adapter.sent[0]
        body = request.body.encode() if isinstance(request.body, str) else request.body
        sent = {name.lower(): str(value).strip("b'") for name, value in request.headers.items()}
        found.append((request.method, request.url, body or None, sent, way["timeout"]))
    assert found[0] == found[1]


def test_old_credentials_are_renewed() -> None:
    session = plain(Renewed())
    adapter = answered(session, (401, {}), (200, {}))
    assert session.request("POST", ADDRESS, data=b"body").status_code == 200
    assert adapter.tokens == ["Bearer old", "Bearer new"]


def test_a_redirection_is_followed() -> None:
    session = plain()
    adapter = answered(session, (307, {"location": f"{ADDRESS}&name=second"}), (200, {}))
    assert session.request("POST", ADDRESS, data=b"body").status_code == 200
    first, second = (request for request, _ in adapter.sent)
    assert second.url == f"{ADDRESS}&name=second"
    assert (second.method, second.body) == (first.method, first.body)


def test_proxies_and_certificates_of_the_session_are_used() -> None:
    session = plain()
    session.proxies, session.verify = {"https": "http://proxy:3128"}, "/etc/our.pem"
    adapter = answered(session, (200, {}))
    session.request("GET", ADDRESS)
    assert adapter.sent[0][1]["proxies"] == {"https": "http://proxy:3128"}
    assert adapter.sent[0][1]["verify"] == "/etc/our.pem"


@pytest.mark.parametrize("options", [{"data": {"a": "b"}}, {"json": {"a": 1}}, {"params": {"q": "x"}}])
def test_requests_prepares_what_is_not_complete(options: dict[str, Any]) -> None:
    session = plain()
    adapter = answered(session, (200, {}))
    session.request("POST", ADDRESS, **options)
    request = adapter.sent[0][0]
    assert request.body in ("a=b", b'{"a": 1}') or str(request.url).endswith("q=x")


def test_a_streamed_answer_is_left_to_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    session, read = plain(), Mock(return_value=iter(()))
    answered(session, (200, {}), (200, {}))
    monkeypatch.setattr(requests.Response, "iter_content", read)
    session.request("GET", ADDRESS, stream=True)
    assert not read.called
    session.request("GET", ADDRESS)
    assert read.called
