"""A service to ask, for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.functions.policy.external_classifiers.service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running
