"""Keys, chains and files for tests of content credentials."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from functions.contract.manifest import WatermarkFacts
from worker.credentials.certificate_chain import CertificateChain
from worker.credentials.claims import define_claims
from worker.credentials.signer import PrivateKey
from worker.pictures.encode import encode_picture

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
MARK = WatermarkFacts(
    scheme="plantain-1", payload="0123456789abcdef", key_version=3, score=1.0, survives=("none",)
)


def smooth_picture(width: int = 96, height: int = 64, seed: int = 0) -> np.ndarray:
    """Returns float32 (height, width, 3) in 0–1, smooth enough for every encoder."""
    small = np.random.default_rng(seed).random((height // 8, width // 8, 3), dtype=np.float32)
    return cv2.resize(small, (width, height))


def encoded_file(format: str = "png", bit_depth: int = 8, seed: int = 0, xmp: bytes | None = None) -> bytes:
    return encode_picture(smooth_picture(seed=seed), format, bit_depth, xmp=xmp)


def sample_claims(content_type: str = "image/png", **facts: Any) -> dict[str, Any]:
    """Returns the claims of a generation, changed by ``facts``."""
    usual: dict[str, Any] = {
        "task": "generate",
        "at": AT,
        "model": "starter",
        "revision": "1",
        "ingredients": 0,
        "visible_mark": False,
        "watermark": MARK,
    }
    return define_claims(content_type=content_type, **usual | facts)


def new_key(kind: str) -> PrivateKey:
    match kind:
        case "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case curve:
            return ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[curve])


def key_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def new_chain(
    key: PrivateKey,
    days: int = 30,
    organization: str = "Acme",
    root_key: ec.EllipticCurvePrivateKey | None = None,
) -> tuple[CertificateChain, str]:
    """Returns a signer's chain for ``key`` without its root, and the root (PEM)."""
    root_key = root_key or ec.generate_private_key(ec.SECP256R1())
    root = (
        _certificate_builder("Acme root", "Acme root", root_key, 30)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate_builder("Acme signer", "Acme root", key, days, organization)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    return CertificateChain(leaf.public_bytes(Encoding.PEM).decode()), root.public_bytes(
        Encoding.PEM
    ).decode()


def _certificate_builder(
    subject: str, issuer: str, key: PrivateKey, days: int, organization: str = "Acme"
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject_name(subject, organization))
        .issuer_name(_subject_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject_name(common_name: str, organization: str = "Acme") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        not certificates, False, False, False, False, certificates, certificates, False, False
    )
