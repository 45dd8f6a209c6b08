"""Callers behind Identity-Aware Proxy: its signed assertion names who passed it.

IAP calls Cloud Run as its own service agent: the token that Cloud Run checks is the same for every caller.
https://cloud.google.com/iap/docs/signed-headers-howto
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..contract.errors import InvalidRequest, Transient, Unauthenticated
from ..contract.telemetry.log import log
from ..intake.strict_json import parse_json_object

HEADER = "X-Goog-IAP-JWT-Assertion"
KEYS_URL = "https://www.gstatic.com/iap/verify/public_key"
_ISSUER = "https://cloud.google.com/iap"
_GOOGLE_ACCOUNTS = "accounts.google.com:"  # how the subject of a Google account begins
_SECONDS = 5.0  # for an answer with the keys
_KEYS_LAST = 3_600.0  # seconds until they are asked for again
_KEYS_WAIT = 10.0  # seconds between two requests for them, however many unknown keys are named
_CLOCK_SKEW = 30  # seconds


@cache
def iap_verifier(audience: str, keys_url: str | None) -> IapVerifier:
    """Returns the process's verifier, which keeps IAP's public keys for all requests."""
    return IapVerifier(audience, keys_url or KEYS_URL)


class IapVerifier:
    """Checks IAP's assertions.

    ``audience`` is ``/projects/NUMBER/global/backendServices/ID``, or has ``*`` for any ID of that project.
    """

    def __init__(self, audience: str, keys_url: str = KEYS_URL) -> None:
        self._audience = audience
        self._keys_url = keys_url
        self._keys: Mapping[str, str] = {}
        self._asked_at: float | None = None
        self._lock = threading.Lock()

    def caller(self, assertion: str | None) -> str:
        """Returns the name of the caller who passed IAP: the address of a Google account, else the subject.

        Raises Unauthenticated for an assertion that is missing or not valid, and Transient while IAP's public
        keys cannot be had.
        """
        if not assertion:
            raise Unauthenticated(
                "Call the API through its front door: Identity-Aware Proxy has not seen this."
            )
        claims = self._verified(assertion)
        if claims is None or claims.get("iss") != _ISSUER or not self._is_for_us(claims.get("aud")):
            raise Unauthenticated("The assertion of Identity-Aware Proxy is not valid here.")
        email, subject = claims.get("email"), claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Unauthenticated("The assertion of Identity-Aware Proxy names no caller.")
        # Other issuers let their users choose an address; only Google's own accounts are named by theirs.
        if subject.startswith(_GOOGLE_ACCOUNTS) and isinstance(email, str) and email:
            return email
        return subject

    def _is_for_us(self, audience: object) -> bool:
        if not isinstance(audience, str):
            return False
        services, _, service = audience.rpartition("/")
        ours, _, wanted = self._audience.rpartition("/")
        return services == ours and service != "" and wanted in {"*", service}

    def _verified(self, assertion: str) -> dict[str, Any] | None:
        """Returns the claims; None where signature or times are not right."""
        from google.auth import jwt

        try:
            header = jwt.decode_header(assertion)
            if header.get("alg") != "ES256" or not isinstance(header.get("kid"), str):
                return None
            keys = self._keys_with(header["kid"])
            return dict(jwt.decode(assertion, certs=keys, clock_skew_in_seconds=_CLOCK_SKEW))
        except ValueError:  # google.auth's errors are such
            return None

    def _keys_with(self, wanted: str) -> Mapping[str, str]:
        """Returns the keys, asked for again when they are old or ``wanted`` is not among them.

        Raises Transient as long as there are none.
        """
        with self._lock:
            if self._is_time_to_ask(wanted):
                self._asked_at = (
                    time.monotonic()
                )  # before the answer: a server that is slow is not asked by all
                self._keys = _fetch_keys(self._keys_url) or self._keys
            if not self._keys:
                raise Transient("The public keys of Identity-Aware Proxy cannot be read at present.")
            return self._keys

    def _is_time_to_ask(self, wanted: str) -> bool:
        if self._asked_at is None:
            return True
        age = time.monotonic() - self._asked_at
        return age > _KEYS_LAST or (wanted not in self._keys and age > _KEYS_WAIT)


def _fetch_keys(url: str) -> Mapping[str, str]:
    """Asks for the keys: ids with public keys in PEM. Empty where there is no such answer."""
    import httpx

    try:
        answer = httpx.get(url, timeout=_SECONDS)
        answer.raise_for_status()
        found = parse_json_object(answer.content)
    except (httpx.HTTPError, InvalidRequest) as error:
        log("iap.keys_unavailable", "WARNING", error=type(error).__name__)
        return {}
    return {name: key for name, key in found.items() if isinstance(key, str)}
