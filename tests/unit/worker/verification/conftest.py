from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.worker.verification.delivered_files import delivered_file
from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.development_chain import development_anchors, development_signer
from worker.credentials.sealer import Sealer
from worker.verification import Examiner
from worker.watermark import Watermarker


@pytest.fixture(scope="session")
def marker() -> Watermarker:
    return Watermarker(bytes(range(32)), 3)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "keys" / "credentials"


@pytest.fixture(scope="session")
def sealer(folder: Path) -> Sealer:
    return Sealer(development_signer(folder))


@pytest.fixture(scope="session")
def trust(sealer: Sealer, folder: Path) -> TrustAnchors | None:
    del sealer  # it makes the chain
    return development_anchors(folder)


@pytest.fixture(scope="session")
def examiner(marker: Watermarker, trust: TrustAnchors | None) -> Examiner:
    return Examiner([marker], trust)


@pytest.fixture(scope="session")
def original(marker: Watermarker, sealer: Sealer) -> bytes:
    """Returns an 8-bit PNG, as it was delivered."""
    return delivered_file(marker, sealer)
