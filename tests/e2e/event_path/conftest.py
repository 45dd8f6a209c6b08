from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.e2e.event_path.laptop import Laptop, running


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Laptop]:
    with running(tmp_path_factory.mktemp("laptop") / "data", workers=1) as laptop:
        yield laptop
