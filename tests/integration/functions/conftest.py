"""The embedded servers, and on them a fresh deployment of the functions for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.contract.telemetry import log
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.log_lines import LogLines
from tests.integration.functions.receiver import Receiver
from tests.integration.functions.servers import Servers, started_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with started_servers() as running:
        yield running


@pytest.fixture
def emulated(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """The servers, with Google's clients pointed at them."""
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    return servers


@pytest.fixture
def deployment(emulated: Servers) -> Deployment:
    return Deployment.create(emulated)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.listening() as listening:
        yield listening


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> LogLines:
    """What is logged from here on, until the test ends."""
    lines = LogLines()
    monkeypatch.setattr(log, "_listeners", [lines.hear])
    return lines
