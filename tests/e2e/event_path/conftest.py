from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.e2e.event_path.laptop import Laptop, started


@pytest.fixture(scope="session")
def shared_laptop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Laptop]:
    """One stack for all files that need nothing special of it: a start costs ten seconds of a core."""
    with started(tmp_path_factory.mktemp("laptop") / "data", workers=1) as laptop:
        yield laptop


@pytest.fixture(scope="module")
def laptop(shared_laptop: Laptop) -> Generator[Laptop]:
    with shared_laptop.found_by_clients():
        yield shared_laptop
