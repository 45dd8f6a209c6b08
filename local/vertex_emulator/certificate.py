"""A certificate for this machine: Google's client speaks to dedicated endpoints by HTTPS alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from local.http_servers.ports import HOST

_VALID = timedelta(days=30)  # a new one is made at every start
_SKEW = timedelta(days=1)


@dataclass(frozen=True)
class ServerCertificate:
    """The certificate's files.

    ``bundle`` also holds the public roots: it is the value of REQUESTS_CA_BUNDLE.
    """

    chain: Path
    key: Path
    bundle: Path


def make_certificate(folder: Path) -> ServerCertificate:
    """Makes a self-signed certificate for 127.0.0.1 in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = ServerCertificate(folder / "vertex.pem", folder / "vertex.key", folder / "roots.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    pem = _self_signed(key).public_bytes(Encoding.PEM)
    made.key.touch(mode=0o600)
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    made.chain.write_bytes(pem)
    made.bundle.write_bytes(_trusted_roots() + b"\n" + pem)
    return made


def _trusted_roots() -> bytes:
    """Returns the root certificates that this machine's clients trust already."""
    named = Path(os.environ.get("REQUESTS_CA_BUNDLE", ""))
    return (named if named.is_file() else Path(certifi.where())).read_bytes()


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plantain's Vertex AI on this machine")])
    moment = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _SKEW)
        .not_valid_after(moment + _VALID)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
