"""The time stamp authority: it confirms the time of signing. If configured, it is required."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from functions.contract.document import now
from functions.contract.errors import SignerUnavailable
from tests.integration.worker.tsa_server import TsaServer
from tests.unit.worker.credentials.signed_files import encoded_file, sample_claims
from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_anchors, development_signer
from worker.credentials.sealer import Sealer

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the time stamps")


@pytest.mark.parametrize("format", ["png", "avif"])
def test_a_picture_says_when_it_was_signed_and_the_manifest_does_too(tmp_path: Path, format: str) -> None:
    content_type = f"image/{format}"
    with TsaServer(tmp_path) as tsa:
        sealer = Sealer(development_signer(tmp_path / "credentials"), tsa.address)
        sealed, facts = sealer.seal(encoded_file(format), content_type, sample_claims(content_type))
        assert tsa.stamped == 1
    ours = development_anchors(tmp_path / "credentials")
    assert ours is not None
    found = read_credentials(sealed, content_type, trust=ours)
    assert (found.trusted, found.time_trusted, found.altered, found.codes) == (True, False, False, ())
    both = ours | TrustAnchors((tmp_path / "root.pem").read_text())
    assert read_credentials(sealed, content_type, trust=both).time_trusted
    assert found.signed_at is not None
    assert found.signed_at == facts.time_stamped
    assert abs(found.signed_at - now()) < timedelta(minutes=10)


def test_an_answer_that_is_no_time_stamp_is_worth_another_try(tmp_path: Path) -> None:
    with TsaServer(tmp_path, broken=True) as tsa, pytest.raises(SignerUnavailable, match="time stamp"):
        Sealer(development_signer(tmp_path / "credentials"), tsa.address).seal(
            encoded_file(), "image/png", sample_claims()
        )
