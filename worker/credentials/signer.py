"""Signers: they hold the private key. The toolkit gives them bytes and never sees the key."""

from __future__ import annotations

from typing import Protocol

import c2pa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from worker.credentials.certificate_chain import CertificateChain, CredentialsMisconfigured

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

_HASHES = {256: hashes.SHA256, 384: hashes.SHA384, 521: hashes.SHA512}  # by the size of the curve: RFC 9053


class Signer(Protocol):
    """A signer with its certificate chain."""

    chain: CertificateChain
    algorithm: c2pa.C2paSigningAlg

    def sign(self, data: bytes) -> bytes:
        """Returns the COSE signature of ``data``: for elliptic curves r and s, not DER (RFC 9053).

        Raises CredentialsFailed, and SignerUnavailable if a later attempt may succeed.
        """
        ...


class KeySigner:
    """Signs with a private key in this process's memory (PEM, without a passphrase)."""

    def __init__(self, chain: CertificateChain, key: str) -> None:
        """Loads the key. Raises CredentialsMisconfigured if it is unreadable or not the certificate's."""
        self.chain = chain
        try:
            loaded = load_pem_private_key(key.encode(), password=None)
        except (ValueError, TypeError):
            raise CredentialsMisconfigured(
                "PLANTAIN_CREDENTIALS_KEY is not a private key in PEM without a passphrase."
            ) from None
        if not isinstance(loaded, PrivateKey) or not chain.belongs_to(loaded.public_key()):
            raise CredentialsMisconfigured(
                "PLANTAIN_CREDENTIALS_KEY is not the key of PLANTAIN_CREDENTIALS_CHAIN's first certificate."
            )
        self._key = loaded
        self.algorithm = chain.algorithm

    def sign(self, data: bytes) -> bytes:
        key = self._key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        if isinstance(key, rsa.RSAPrivateKey):
            digest = hashes.SHA256()
            return key.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return raw_ecdsa_signature(
            key.sign(data, ec.ECDSA(_HASHES[key.curve.key_size]())), key.curve.key_size
        )


def raw_ecdsa_signature(der: bytes, bits: int) -> bytes:
    """Converts a DER ECDSA signature to r and s, each as long as the curve's numbers (``bits``)."""
    size = (bits + 7) // 8
    return b"".join(number.to_bytes(size) for number in decode_dss_signature(der))
