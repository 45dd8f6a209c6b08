"""Builds the sealer, the trust anchors and the ingredient policy from the worker's settings."""

from __future__ import annotations

import functools
import operator
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.certificate_chain import CertificateChain, CredentialsMisconfigured
from worker.credentials.development_chain import development_anchors, development_signer
from worker.credentials.ingredients import IngredientPolicy
from worker.credentials.sealer import Sealer
from worker.credentials.signer import KeySigner, Signer
from worker.settings import WorkerSettings

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession

_SCOPES = ("https://www.googleapis.com/auth/cloudkms",)
_PEM = "-----BEGIN"


def build_sealer(settings: WorkerSettings) -> Sealer | None:
    """Returns the sealer of this worker's pictures, or None if credentials are switched off.

    Raises CredentialsMisconfigured, and CredentialsFailed or SignerUnavailable from Cloud KMS.
    """
    if settings.credentials == "off":
        return None
    return Sealer(_build_signer(settings), settings.time_stamp_authority)


def build_trust_anchors(settings: WorkerSettings) -> TrustAnchors | None:
    """Returns the trusted roots: the settings', our own signer's, and on a laptop the development root."""
    found = [
        _configured_anchors(settings),
        _own_anchors(settings),
        development_anchors(_development_folder(settings)) if settings.is_local else None,
    ]
    known = [anchors for anchors in found if anchors]
    return functools.reduce(operator.or_, known) if known else None


def build_ingredient_policy(settings: WorkerSettings) -> IngredientPolicy:
    """Returns what results carry of their inputs' credentials. Raises CredentialsMisconfigured."""
    return IngredientPolicy(settings.ingredient_credentials == "everything", build_trust_anchors(settings))


def _build_signer(settings: WorkerSettings) -> Signer:
    if settings.credentials_key and settings.credentials_kms_key:
        raise CredentialsMisconfigured(
            "Set PLANTAIN_CREDENTIALS_KEY or PLANTAIN_CREDENTIALS_KMS_KEY, not both."
        )
    if settings.credentials_key:
        return KeySigner(_load_chain(settings), _read_pem("credentials_key", settings.credentials_key))
    if settings.credentials_kms_key:
        from worker.credentials.kms_signer import KmsSigner  # brings Google's clients

        return KmsSigner(_load_chain(settings), settings.credentials_kms_key, _kms_session())
    if settings.is_local:
        return development_signer(_development_folder(settings))
    raise CredentialsMisconfigured(
        "Set PLANTAIN_CREDENTIALS_CHAIN and either PLANTAIN_CREDENTIALS_KMS_KEY or PLANTAIN_CREDENTIALS_KEY, "
        "or PLANTAIN_CREDENTIALS=off to let pictures leave without content credentials."
    )


def _configured_anchors(settings: WorkerSettings) -> TrustAnchors | None:
    trusted = settings.credentials_trust
    return (
        TrustAnchors(_read_pem("credentials_trust", trusted), _our_organizations(settings))
        if trusted
        else None
    )


def _own_anchors(settings: WorkerSettings) -> TrustAnchors | None:
    """Returns the last certificate of our own signer's chain as a root, if the chain has a second one."""
    if not settings.credentials_chain:
        return None
    above = _load_chain(settings).certificates[1:]
    if not above:
        return None
    return TrustAnchors(above[-1].public_bytes(Encoding.PEM).decode(), _our_organizations(settings))


def _our_organizations(settings: WorkerSettings) -> frozenset[str]:
    """Returns the organisations whose signatures are ours: the present one and earlier ones."""
    own = _load_chain(settings).issuer if settings.credentials_chain else None
    return frozenset(settings.credentials_organizations) | ({own} if own else set())


def _load_chain(settings: WorkerSettings) -> CertificateChain:
    if not settings.credentials_chain:
        raise CredentialsMisconfigured("Set PLANTAIN_CREDENTIALS_CHAIN to the signer's certificates (PEM).")
    return CertificateChain(_read_pem("credentials_chain", settings.credentials_chain))


def _read_pem(name: str, value: str) -> str:
    """Returns the PEM: a setting holds the PEM itself, or the path of the mounted file."""
    if value.lstrip().startswith(_PEM):
        return value
    try:
        return Path(value).read_text("utf-8")
    except (OSError, ValueError):
        raise CredentialsMisconfigured(
            f"PLANTAIN_{name.upper()} is neither PEM nor a file that can be read."
        ) from None


def _development_folder(settings: WorkerSettings) -> Path:
    return settings.data / "keys" / "credentials"


def _kms_session() -> AuthorizedSession:
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import AuthorizedSession

    try:
        return AuthorizedSession(google.auth.default(scopes=_SCOPES)[0])
    except GoogleAuthError:
        raise CredentialsMisconfigured(
            "PLANTAIN_CREDENTIALS_KMS_KEY needs a Google account that may sign with it, and there is none."
        ) from None
