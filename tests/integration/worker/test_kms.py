"""The KMS signer: the key stays in KMS, and a real HTTP server speaks its REST API."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession

from functions.contract.errors import CredentialsFailed, SignerUnavailable
from tests.integration.worker.kms_server import KEY, KmsServer
from tests.unit.worker.credentials.signed_files import encoded_file, new_chain, new_key, sample_claims
from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.certificate_chain import CertificateChain, CredentialsMisconfigured
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.kms_signer import KmsSigner
from worker.credentials.sealer import Sealer

KINDS = [
    ("p256", "EC_SIGN_P256_SHA256", "ES256"),
    ("p384", "EC_SIGN_P384_SHA384", "ES384"),
    ("rsa", "RSA_SIGN_PSS_2048_SHA256", "PS256"),
    ("rsa", "RSA_SIGN_PSS_4096_SHA512", "PS512"),
]


def signer(chain: CertificateChain, kms: KmsServer) -> KmsSigner:
    return KmsSigner(chain, KEY, AuthorizedSession(AnonymousCredentials()), kms.address)


def kms_with(kind: str, algorithm: str) -> KmsServer:
    key = new_key(kind)
    assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    return KmsServer(key, algorithm)


@pytest.mark.parametrize(("kind", "algorithm", "name"), KINDS)
def test_a_key_of_cloud_kms_signs_a_picture(kind: str, algorithm: str, name: str) -> None:
    with kms_with(kind, algorithm) as kms:
        chain, root = new_chain(kms.key)
        sealed, facts = Sealer(signer(chain, kms)).seal(encoded_file(), "image/png", sample_claims())
    assert facts.algorithm == name
    assert kms.signatures == 1
    assert read_credentials(sealed, "image/png", trust=TrustAnchors(root)).trusted


def test_a_busy_kms_is_asked_again() -> None:
    with kms_with("p256", "EC_SIGN_P256_SHA256") as kms:
        ours = signer(new_chain(kms.key)[0], kms)
        kms.failures = [503, 429]
        Sealer(ours).seal(encoded_file(), "image/png", sample_claims())
    assert kms.signatures == 3  # what the two refused calls signed was not handed out


def test_a_kms_that_stays_busy_is_worth_another_try() -> None:
    with kms_with("p256", "EC_SIGN_P256_SHA256") as kms:
        ours = signer(new_chain(kms.key)[0], kms)
        kms.failures = [503] * 9
        with pytest.raises(SignerUnavailable):
            Sealer(ours).seal(encoded_file(), "image/png", sample_claims())


def test_a_kms_that_is_gone_is_worth_another_try() -> None:
    with kms_with("p256", "EC_SIGN_P256_SHA256") as kms:
        ours = signer(new_chain(kms.key)[0], kms)
    with pytest.raises(SignerUnavailable, match="cannot be reached"):
        Sealer(ours).seal(encoded_file(), "image/png", sample_claims())


def test_a_refusal_says_what_the_account_needs() -> None:
    with kms_with("p256", "EC_SIGN_P256_SHA256") as kms:
        ours = signer(new_chain(kms.key)[0], kms)
        kms.failures = [403]
        with pytest.raises(CredentialsFailed, match=r"roles/cloudkms\.signerVerifier"):
            Sealer(ours).seal(encoded_file(), "image/png", sample_claims())


def test_a_signature_that_was_hurt_on_its_way_is_not_used() -> None:
    with kms_with("p256", "EC_SIGN_P256_SHA256") as kms:
        ours = signer(new_chain(kms.key)[0], kms)
        kms.damaged = True
        with pytest.raises(SignerUnavailable, match="damaged"):
            Sealer(ours).seal(encoded_file(), "image/png", sample_claims())


def test_a_key_of_another_certificate_is_refused_at_the_start() -> None:
    with (
        kms_with("p256", "EC_SIGN_P256_SHA256") as kms,
        pytest.raises(CredentialsMisconfigured, match="is not"),
    ):
        signer(new_chain(new_key("p256"))[0], kms)


def test_a_key_for_something_else_is_refused_at_the_start() -> None:
    with kms_with("rsa", "RSA_SIGN_PKCS1_2048_SHA256") as kms:
        chain, _ = new_chain(kms.key)
        with pytest.raises(CredentialsMisconfigured, match="EC_SIGN_P256_SHA256"):
            signer(chain, kms)
