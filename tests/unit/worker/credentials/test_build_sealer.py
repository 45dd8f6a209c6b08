"""The settings name the signer and the trusted roots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from functions.contract.settings import SettingsError
from tests.unit.worker.credentials.signed_files import (
    encoded_file,
    key_pem,
    new_chain,
    new_key,
    sample_claims,
)
from worker.credentials.build_sealer import build_ingredient_policy, build_sealer, build_trust_anchors
from worker.credentials.certificate_chain import CredentialsMisconfigured
from worker.credentials.credentials_reader import read_credentials
from worker.settings import WorkerSettings


def settings(tmp_path: Path, profile: str = "local", **values: Any) -> WorkerSettings:
    names = {"project": "p", "uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    return WorkerSettings.model_validate({"data": tmp_path, "profile": profile, **names, **values})


def test_a_laptop_signs_without_being_told_how(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    sealer = build_sealer(chosen)
    assert sealer is not None
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    assert read_credentials(sealed, "image/png", trust=build_trust_anchors(chosen)).trusted


@pytest.mark.parametrize(
    ("chosen", "everything"), [({}, False), ({"ingredient_credentials": "everything"}, True)]
)
def test_results_carry_the_facts_of_their_inputs_credentials_unless_more_is_asked_for(
    tmp_path: Path, chosen: dict[str, str], everything: bool
) -> None:
    here = settings(tmp_path, **chosen)
    build_sealer(here)
    policy = build_ingredient_policy(here)
    assert policy.everything is everything
    assert policy.trust is not None
    assert policy.trust.ours == {"Plantain development"}


def test_production_signs_with_no_invented_key(tmp_path: Path) -> None:
    with pytest.raises(CredentialsMisconfigured, match="PLANTAIN_CREDENTIALS_KMS_KEY"):
        build_sealer(settings(tmp_path, "production"))
    assert not list(tmp_path.iterdir())


def test_cloud_kms_without_an_account_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    key = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
    chain, _ = new_chain(new_key("p256"))
    chosen = settings(tmp_path, "production", credentials_chain=chain.pem, credentials_kms_key=key)
    with pytest.raises(CredentialsMisconfigured, match="Google account"):
        build_sealer(chosen)


def test_what_cannot_sign_is_an_error_of_the_settings() -> None:
    """The worker reports it in one line at its start, and ends."""
    assert issubclass(CredentialsMisconfigured, SettingsError)


def test_off_is_a_choice(tmp_path: Path) -> None:
    assert build_sealer(settings(tmp_path, "production", credentials="off")) is None


@pytest.mark.parametrize("mounted", [False, True])
def test_a_chain_and_a_key_come_as_text_or_as_files(tmp_path: Path, mounted: bool) -> None:
    key = new_key("p256")
    chain, root = new_chain(key)
    values = {"credentials_chain": chain.pem, "credentials_key": key_pem(key), "credentials_trust": root}
    if mounted:
        for name, text in values.items():
            (tmp_path / name).write_text(text)
            values[name] = str(tmp_path / name)
    chosen = settings(tmp_path, "production", **values)
    sealer = build_sealer(chosen)
    assert sealer is not None
    sealed, facts = sealer.seal(encoded_file(), "image/png", sample_claims())
    assert facts.issuer == "Acme"
    assert read_credentials(sealed, "image/png", trust=build_trust_anchors(chosen)).trusted


def test_our_own_signers_root_is_trusted(tmp_path: Path) -> None:
    key = new_key("p256")
    chain, root = new_chain(key)
    chosen = settings(
        tmp_path, "production", credentials_chain=chain.pem + root, credentials_key=key_pem(key)
    )
    sealer = build_sealer(chosen)
    assert sealer is not None
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    assert read_credentials(sealed, "image/png", trust=build_trust_anchors(chosen)).trusted


@pytest.mark.parametrize(
    "values",
    [
        {"credentials_key": "-----BEGIN PRIVATE KEY-----"},
        {"credentials_key": "/nowhere/key.pem", "credentials_chain": "/nowhere/chain.pem"},
        {
            "credentials_key": "k",
            "credentials_kms_key": "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
        },
    ],
)
def test_half_a_configuration_is_refused_at_the_start(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(CredentialsMisconfigured, match="PLANTAIN_CREDENTIALS_"):
        build_sealer(settings(tmp_path, "production", **values))


def test_without_configuration_no_root_is_trusted(tmp_path: Path) -> None:
    assert build_trust_anchors(settings(tmp_path, "production")) is None
    assert build_trust_anchors(settings(tmp_path)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDENTIALS_KMS_KEY", "projects/p/locations/l/keyRings/r/cryptoKeys/k"),
        ("CREDENTIALS", "maybe"),
        ("TIME_STAMP_AUTHORITY", "stamps.example"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    environment = {
        "GOOGLE_CLOUD_PROJECT": "p",
        "PLANTAIN_UPLOADS_BUCKET": "u",
        "PLANTAIN_RESULTS_BUCKET": "r",
        "PLANTAIN_JOBS_BUCKET": "j",
        f"PLANTAIN_{name}": value,
    }
    with pytest.raises(SettingsError, match=name):
        WorkerSettings.from_environment(environment)
