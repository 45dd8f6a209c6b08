"""What a look-up of a host's name gives, without asking a network."""

from __future__ import annotations

import socket

import pytest

from functions.contract.errors import Transient
from functions.services import resolve_host


def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "as it is told to")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_an_unknown_name_has_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, socket.EAI_NONAME)
    assert resolve_host("no-such-host.invalid", 443) == []


def test_a_look_up_that_fails_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, socket.EAI_AGAIN)
    with pytest.raises(Transient, match="cannot be looked up"):
        resolve_host("example.com", 443)
