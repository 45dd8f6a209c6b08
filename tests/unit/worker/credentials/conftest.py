from __future__ import annotations

from pathlib import Path

import pytest

from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.development_chain import development_anchors, development_signer
from worker.credentials.sealer import Sealer


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "keys" / "credentials"


@pytest.fixture(scope="session")
def sealer(folder: Path) -> Sealer:
    return Sealer(development_signer(folder))


@pytest.fixture(scope="session")
def trust(sealer: Sealer, folder: Path) -> TrustAnchors:
    anchors = development_anchors(folder)
    assert anchors is not None
    return anchors
