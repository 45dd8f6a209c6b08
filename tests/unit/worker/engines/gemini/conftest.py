from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.worker.engines.gemini.service import Service, service


@pytest.fixture
def google() -> Iterator[Service]:
    with service() as script:
        yield script
