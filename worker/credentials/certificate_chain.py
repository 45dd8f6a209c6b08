"""Certificate chains: the signer's identity, as readers of a picture see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from functions.contract.settings import SettingsError

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_BY_CURVE: Mapping[str, c2pa.C2paSigningAlg] = {
    "secp256r1": c2pa.C2paSigningAlg.ES256,
    "secp384r1": c2pa.C2paSigningAlg.ES384,
    "secp521r1": c2pa.C2paSigningAlg.ES512,
}


class CredentialsMisconfigured(SettingsError):
    """The configured signer cannot sign content credentials. Names the setting, never its value."""


@dataclass(frozen=True)
class CertificateChain:
    """Certificates (PEM): the signer's own first, then its issuers; the root is optional."""

    pem: str

    def __post_init__(self) -> None:
        """Checks the chain. Raises CredentialsMisconfigured if C2PA forbids it (specification 2.4, 14.5)."""
        try:
            found = self.certificates
        except ValueError:
            raise CredentialsMisconfigured(
                "PLANTAIN_CREDENTIALS_CHAIN is not a chain of PEM certificates."
            ) from None
        if found[0].issuer == found[0].subject:
            raise CredentialsMisconfigured(
                "PLANTAIN_CREDENTIALS_CHAIN begins with a certificate that has signed itself: C2PA wants the "
                "signer's own certificate first, issued by another."
            )
        _ = self.algorithm

    @cached_property
    def certificates(self) -> list[x509.Certificate]:
        return x509.load_pem_x509_certificates(self.pem.encode())

    @property
    def leaf(self) -> x509.Certificate:
        return self.certificates[0]

    @property
    def public_key(self) -> PublicKey:
        key = self.leaf.public_key()
        if not isinstance(key, PublicKey):
            raise CredentialsMisconfigured(
                "The signer's certificate has a key of a kind that C2PA does not take."
            )
        return key

    @property
    def algorithm(self) -> c2pa.C2paSigningAlg:
        """The signing algorithm of the certificate's key; an RSA key of any length uses SHA-256."""
        key = self.public_key
        if isinstance(key, rsa.RSAPublicKey):
            return c2pa.C2paSigningAlg.PS256
        if isinstance(key, ed25519.Ed25519PublicKey):
            return c2pa.C2paSigningAlg.ED25519
        if key.curve.name not in _BY_CURVE:
            raise CredentialsMisconfigured(f"C2PA does not take keys on the curve {key.curve.name}.")
        return _BY_CURVE[key.curve.name]

    @property
    def issuer(self) -> str | None:
        """The signer's organisation, as verifiers show it."""
        names = self.leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return str(names[0].value) if names else None

    def belongs_to(self, key: PublicKey) -> bool:
        return public_key_bytes(self.public_key) == public_key_bytes(key)


def public_key_bytes(key: PublicKey) -> bytes:
    """Returns a public key in its comparable form (DER of SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
