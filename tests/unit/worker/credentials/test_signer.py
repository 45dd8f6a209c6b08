"""Signers: every kind of key that C2PA allows, and a key that does not fit its certificate."""

from __future__ import annotations

import pytest

from tests.unit.worker.credentials.signed_files import (
    encoded_file,
    key_pem,
    new_chain,
    new_key,
    sample_claims,
)
from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.certificate_chain import CertificateChain, CredentialsMisconfigured
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.sealer import Sealer
from worker.credentials.signer import KeySigner


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("p256", "ES256"), ("p384", "ES384"), ("rsa", "PS256"), ("ed25519", "ED25519")]
)
def test_every_kind_of_key_signs(kind: str, algorithm: str) -> None:
    key = new_key(kind)
    chain, root = new_chain(key)
    sealed, facts = Sealer(KeySigner(chain, key_pem(key))).seal(encoded_file(), "image/png", sample_claims())
    assert (facts.algorithm, facts.issuer) == (algorithm, "Acme")
    assert read_credentials(sealed, "image/png", trust=TrustAnchors(root)).trusted


def test_a_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(CredentialsMisconfigured, match="PLANTAIN_CREDENTIALS_KEY is not the key"):
        KeySigner(new_chain(new_key("p256"))[0], key_pem(new_key("p256")))


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    with pytest.raises(CredentialsMisconfigured) as caught:
        KeySigner(new_chain(new_key("p256"))[0], "secret but no key")
    assert "secret" not in str(caught.value)


def test_a_certificate_that_signed_itself_is_refused() -> None:
    _, root = new_chain(new_key("p256"))
    with pytest.raises(CredentialsMisconfigured, match="signed itself"):
        CertificateChain(root)


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_chain_is_refused(text: str) -> None:
    with pytest.raises(CredentialsMisconfigured, match="PLANTAIN_CREDENTIALS_CHAIN"):
        CertificateChain(text)
