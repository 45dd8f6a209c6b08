"""Signed URLs: a caller reads or writes one object for a while, without Google credentials."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlencode

from .contract.settings import Settings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud import storage

LIFETIME = timedelta(minutes=15)
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class UrlSigner(Protocol):
    def __call__(
        self,
        bucket: str,
        name: str,
        method: str,
        headers: Mapping[str, str] | None = None,
        saved_as: str | None = None,
    ) -> str:
        """Returns a URL that is valid for ``LIFETIME``, for ``method`` with exactly these ``headers``.

        A browser saves what it leads to as ``saved_as``, a name of ASCII letters, digits, ``_-.``; with None
        it shows the picture.
        """
        ...


def attachment(name: str) -> str:
    """Returns the Content-Disposition with which a browser saves a file as ``name``."""
    return f'attachment; filename="{name}"'


def build_url_signer(client: storage.Client, settings: Settings) -> UrlSigner:
    """Returns a signer of Cloud Storage's V4 URLs, or of the emulator's URLs, whose signature is
    not checked.
    """
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    return _emulator_urls(emulator) if emulator else _signing_urls(client, settings)


def _signing_urls(client: storage.Client, settings: Settings) -> UrlSigner:
    identity = _signing_identity(settings.signing_account) if settings.signing_account else _with_own_key

    def sign(
        bucket: str,
        name: str,
        method: str,
        headers: Mapping[str, str] | None = None,
        saved_as: str | None = None,
    ) -> str:
        account, token = identity()
        return (
            client.bucket(bucket)
            .blob(name)
            .generate_signed_url(
                version="v4",
                expiration=LIFETIME,
                method=method,
                headers=dict(headers or {}),
                response_disposition=attachment(saved_as) if saved_as else None,
                service_account_email=account,
                access_token=token,
            )
        )

    return sign


def _with_own_key() -> tuple[None, None]:
    """Returns no identity: credentials from a key file sign by themselves."""
    return None, None


def _signing_identity(account: str) -> Callable[[], tuple[str, str]]:
    """Returns what gives the account and the token for IAM's signBlob: Cloud Run has no key of its own."""
    import google.auth
    from google.auth.transport.requests import Request

    credentials: Credentials = google.auth.default(scopes=_SCOPES)[0]

    def identity() -> tuple[str, str]:
        if not credentials.valid:
            credentials.refresh(Request())
        return account, str(credentials.token)

    return identity


def _emulator_urls(host: str) -> UrlSigner:
    base = host if "//" in host else f"http://{host}"

    def sign(
        bucket: str,
        name: str,
        method: str,
        headers: Mapping[str, str] | None = None,
        saved_as: str | None = None,
    ) -> str:
        del method
        query = {
            "X-Goog-Algorithm": "GOOG4-RSA-SHA256",
            "X-Goog-Credential": "emulator",
            "X-Goog-Date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
            "X-Goog-Expires": str(int(LIFETIME.total_seconds())),
            "X-Goog-SignedHeaders": ";".join(sorted({"host", *map(str.lower, headers or {})})),
            "X-Goog-Signature": "00",
            **({"response-content-disposition": attachment(saved_as)} if saved_as else {}),
        }
        return f"{base}/{bucket}/{quote(name)}?{urlencode(query)}"

    return sign
