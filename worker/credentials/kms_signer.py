"""The Cloud KMS signer: the private key never leaves KMS; each picture takes one call of ``asymmetricSign``.

https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions
It uses the REST API directly, because two calls do not need another client library.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import c2pa
import google_crc32c
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from requests import RequestException
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from functions.contract.errors import CredentialsFailed, SignerUnavailable
from worker.credentials.certificate_chain import CertificateChain, CredentialsMisconfigured, PublicKey
from worker.credentials.signer import raw_ecdsa_signature

ENDPOINT = "https://cloudkms.googleapis.com"
_WITHIN = 10.0  # seconds for one answer
_BUSY = (408, 429, 500, 502, 503, 504)
_RETRY = Retry(
    total=3, backoff_factor=0.3, status_forcelist=_BUSY, allowed_methods=None, raise_on_status=False
)


class _KeyKind(NamedTuple):
    """A kind of KMS key: C2PA's algorithm, the digest, and the curve's ``bits`` or None for RSA."""

    algorithm: c2pa.C2paSigningAlg
    digest: str
    bits: int | None


_PS256 = _KeyKind(c2pa.C2paSigningAlg.PS256, "sha256", None)
_KINDS = {
    "EC_SIGN_P256_SHA256": _KeyKind(c2pa.C2paSigningAlg.ES256, "sha256", 256),
    "EC_SIGN_P384_SHA384": _KeyKind(c2pa.C2paSigningAlg.ES384, "sha384", 384),
    "RSA_SIGN_PSS_2048_SHA256": _PS256,
    "RSA_SIGN_PSS_3072_SHA256": _PS256,
    "RSA_SIGN_PSS_4096_SHA256": _PS256,
    "RSA_SIGN_PSS_4096_SHA512": _KeyKind(c2pa.C2paSigningAlg.PS512, "sha512", None),
}


class KmsSigner:
    """Signs with a key version of Cloud KMS.

    Args:
        chain: the certificates of that key.
        key: ``projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/…``.
        session: of an account with ``roles/cloudkms.signerVerifier`` on the key.

    Raises:
        CredentialsMisconfigured: the certificate belongs to another key, or C2PA does not allow the key's
        kind. CredentialsFailed, SignerUnavailable: as ``sign`` does.
    """

    def __init__(
        self, chain: CertificateChain, key: str, session: AuthorizedSession, endpoint: str = ENDPOINT
    ) -> None:
        self.chain = chain
        self._address = f"{endpoint}/v1/{key}"
        self._session = session
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=_RETRY))
        self._kind = self._read_key_kind()
        self.algorithm = self._kind.algorithm

    def sign(self, data: bytes) -> bytes:
        digest = hashlib.new(self._kind.digest, data).digest()
        answer = self._request_kms(
            lambda: self._session.post(
                f"{self._address}:asymmetricSign",
                json={
                    "digest": {self._kind.digest: _base64_text(digest)},
                    "digestCrc32c": str(_crc32c(digest)),
                },
                timeout=_WITHIN,
            )
        )
        signature = base64.b64decode(answer["signature"])
        # Google's guide to data integrity asks for both: https://cloud.google.com/kms/docs/data-integrity-guidelines
        if not answer.get("verifiedDigestCrc32c") or int(answer["signatureCrc32c"]) != _crc32c(signature):
            raise SignerUnavailable("Cloud KMS's signature was damaged on its way: try again.")
        return raw_ecdsa_signature(signature, self._kind.bits) if self._kind.bits else signature

    def _read_key_kind(self) -> _KeyKind:
        answer = self._request_kms(lambda: self._session.get(f"{self._address}/publicKey", timeout=_WITHIN))
        if answer["algorithm"] not in _KINDS:
            raise CredentialsMisconfigured(
                f"PLANTAIN_CREDENTIALS_KMS_KEY is a key for {answer['algorithm']}, and C2PA takes one of "
                f"{', '.join(_KINDS)}."
            )
        key = load_pem_public_key(answer["pem"].encode())
        if not isinstance(key, PublicKey) or not self.chain.belongs_to(key):
            raise CredentialsMisconfigured(
                "PLANTAIN_CREDENTIALS_KMS_KEY is not the key of PLANTAIN_CREDENTIALS_CHAIN's first "
                "certificate."
            )
        return _KINDS[answer["algorithm"]]

    def _request_kms(self, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            response = call()
            if response.status_code in _BUSY:
                raise SignerUnavailable(f"Cloud KMS answers {response.status_code}.")
            if not response.ok:
                raise CredentialsFailed(
                    f"Cloud KMS refuses to sign ({response.status_code}): the worker's account needs "
                    "roles/cloudkms.signerVerifier on the key, and the key version must be enabled."
                )
            return response.json()
        except (RequestException, GoogleAuthError) as error:
            raise SignerUnavailable(f"Cloud KMS cannot be reached ({type(error).__name__}).") from error


def _base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _crc32c(data: bytes) -> int:
    return google_crc32c.value(data)
