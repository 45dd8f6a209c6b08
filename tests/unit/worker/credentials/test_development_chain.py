"""The development chain is created once, for this user only, without a network."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.unit.worker.credentials.signed_files import encoded_file, sample_claims
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_anchors, development_signer
from worker.credentials.sealer import Sealer


def test_it_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys" / "credentials"
    assert development_anchors(folder) is None
    first = development_signer(folder)
    assert development_signer(folder).chain == first.chain


def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    development_signer(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(found.stat().st_mode) for found in folder.iterdir()} == {0o600}


def test_the_roots_key_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    development_signer(folder)
    keys = [found for found in folder.iterdir() if "PRIVATE KEY" in found.read_text()]
    assert [found.name for found in keys] == ["signer.key"]


def test_workers_that_start_side_by_side_share_one(tmp_path: Path) -> None:
    folder = tmp_path / "keys" / "credentials"
    with ThreadPoolExecutor(8) as pool:
        signers = list(pool.map(development_signer, [folder] * 8))
    assert len({signer.chain.pem for signer in signers}) == 1
    assert [found.name for found in folder.parent.iterdir()] == ["credentials"]


def test_another_laptop_does_not_trust_it(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    sealed, _ = Sealer(development_signer(ours)).seal(encoded_file(), "image/png", sample_claims())
    development_signer(theirs)
    assert read_credentials(sealed, "image/png", trust=development_anchors(ours)).trusted is True
    assert read_credentials(sealed, "image/png", trust=development_anchors(theirs)).trusted is False
