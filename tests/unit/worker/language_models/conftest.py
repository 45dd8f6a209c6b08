from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.worker.language_models.endpoints import Endpoint, endpoint


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as script:
        yield script
