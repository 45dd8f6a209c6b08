"""The development chain: a root and a signer for each laptop, created offline on first use.

No other machine trusts it. So its signatures can be verified on this laptop and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.certificate_chain import CertificateChain
from worker.credentials.signer import KeySigner

_VALID = timedelta(days=3_650)
_SKEW = timedelta(days=1)  # clocks differ
_ORGANIZATION = "Plantain development"
_CHAIN, _KEY, _ROOT = "chain.pem", "signer.key", "root.pem"


def development_signer(folder: Path) -> KeySigner:
    """Returns the signer in ``folder``; creates it if there is none yet."""
    _create_once(folder)
    return KeySigner(CertificateChain((folder / _CHAIN).read_text()), (folder / _KEY).read_text())


def development_anchors(folder: Path) -> TrustAnchors | None:
    """Returns the root of this laptop's signatures, or None if it never signed."""
    root = folder / _ROOT
    return TrustAnchors(root.read_text(), frozenset({_ORGANIZATION})) if root.exists() else None


def _create_once(folder: Path) -> None:
    """Creates the folder atomically: if several workers start together, all use the first one's."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # readable by this user only
    _create_chain(fresh)
    try:
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh)
        if not folder.exists():
            raise


def _create_chain(folder: Path) -> None:
    """Writes a new chain. The root's key is discarded, so it can never issue another certificate."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root, leaf = _root_certificate(root_key), _leaf_certificate(key, root_key)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_private(folder / _KEY, pem)
    _write_private(folder / _CHAIN, leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    _write_private(folder / _ROOT, root.public_bytes(Encoding.PEM))


def _write_private(file: Path, data: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def _subject_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


_ROOT_NAME, _SIGNER_NAME = "Plantain development root", "Plantain development signer"


def _root_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return (
        _certificate_builder(_ROOT_NAME, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _leaf_certificate(
    key: ec.EllipticCurvePrivateKey, root_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Returns a signer's certificate as C2PA requires it (specification 2.4, section 14.5.1)."""
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _certificate_builder(_SIGNER_NAME, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(authority, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _certificate_builder(common_name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject_name(common_name))
        .issuer_name(_subject_name(_ROOT_NAME))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
