"""Finds out who calls.

1. Behind Identity-Aware Proxy (``PLANTAIN_IAP_AUDIENCE``) every request carries its signed assertion. A
   request without one has not passed the proxy, and is refused. Without API keys the assertion names the
   caller.
2. Where API keys are configured, a key is needed: ``Authorization: Bearer KEY``, or the key in ``X-API-Key``,
   ``x-goog-api-key`` (Google's clients) or ``api-key`` (Azure's). API Gateway passes the first on as
   ``X-Forwarded-Authorization``. No other name is believed then: a service that takes keys is usually open to
   callers that no proxy has checked.
3. Else, in production, a Google identity token. Cloud Run's invoker check has verified it before the request
   gets here (the service must not allow unauthenticated calls), and passes on its header and its claims; only
   the signature is cut off, so that there is nothing left to verify. Of two tokens Cloud Run verifies the one
   in ``X-Serverless-Authorization`` alone, so that one counts, even where it is no token.
4. If that token is a gateway's (``PLANTAIN_GATEWAYS``), the gateway's header names the caller: otherwise all
   of its callers would be one owner. The header is read for no other caller.
5. Else, on a laptop, there is one caller.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers

from ..contract.errors import InvalidRequest, Unauthenticated
from ..contract.settings import Settings
from ..intake.strict_json import parse_json_object
from ..owners import LOCAL, has_single_caller
from .iap import HEADER as ASSERTION
from .iap import iap_verifier

_KEY_HEADERS = ("X-API-Key", "x-goog-api-key", "api-key")  # ours, Google's and Azure's
_BEARER = "bearer "
_FIRST_CHECKED = "X-Serverless-Authorization"
_GOOGLE = ("https://accounts.google.com", "accounts.google.com")  # the issuer, as Google writes it


def owner_of(headers: Headers, settings: Settings) -> str:
    """Returns the caller's name. Raises Unauthenticated, and Transient while it cannot be found out."""
    passed_iap = _by_iap(headers, settings)
    if settings.api_keys:
        return _by_key(headers, settings.api_keys)
    if passed_iap is not None:
        return passed_iap
    if has_single_caller(settings):
        return LOCAL
    return _by_token(headers, settings.gateways)


def _by_iap(headers: Headers, settings: Settings) -> str | None:
    """Returns who passed Identity-Aware Proxy; None where it does not stand in front."""
    if settings.iap_audience is None:
        return None
    return iap_verifier(settings.iap_audience, settings.iap_keys_url).caller(headers.get(ASSERTION))


def _by_key(headers: Headers, api_keys: dict[str, str]) -> str:
    for key in _given_keys(headers):
        if (owner := _owner_of_key(key, api_keys)) is not None:
            return owner
    raise Unauthenticated("Send an API key: Authorization: Bearer, X-API-Key, x-goog-api-key or api-key.")


def _given_keys(headers: Headers) -> list[str]:
    """Returns what may be the caller's key. A gateway puts its own token where the caller's key was."""
    if given := [key for name in _KEY_HEADERS if (key := headers.get(name))]:
        return given
    return [
        key
        for name in ("Authorization", "X-Forwarded-Authorization")
        if (key := _bearer_token(headers, name) or _basic_password(headers, name))
    ]


def _owner_of_key(key: str, api_keys: dict[str, str]) -> str | None:
    given = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    found: str | None = None
    for sha256, owner in api_keys.items():  # all of them, so that the time taken tells nothing
        if hmac.compare_digest(sha256.lower().encode(), given.encode()):
            found = owner
    return found


def _by_token(headers: Headers, gateways: Mapping[str, str]) -> str:
    checked = "Authorization" if headers.get(_FIRST_CHECKED) is None else _FIRST_CHECKED
    caller = _google_name(_claims_of_token(_bearer_token(headers, checked) or ""))
    if caller is None:
        raise Unauthenticated("Send a Google identity token: Authorization: Bearer.")
    if (header := gateways.get(caller)) is None:
        return caller
    return _named_by_gateway(headers.get(header, ""))


def _google_name(claims: dict[str, Any]) -> str | None:
    email, subject = claims.get("email"), claims.get("sub")
    if isinstance(email, str) and email and claims.get("email_verified") is True:
        return email
    return subject if isinstance(subject, str) and subject else None


def _named_by_gateway(user_info: str) -> str:
    """Returns whom a gateway calls for. ``user_info`` is the payload of the token that it checked, in base64.

    A Google account has the name that it would have without the gateway. The name of another issuer's user
    begins with that issuer: its addresses and numbers may be those of others here.
    """
    claims = _decoded(user_info)
    issuer, subject = claims.get("iss"), claims.get("sub")
    name = _google_name(claims) if issuer in _GOOGLE else subject
    if not (isinstance(issuer, str) and issuer and isinstance(name, str) and name):
        raise Unauthenticated("The gateway names no caller: let it authenticate every call.")
    return name if issuer in _GOOGLE else f"{issuer}#{name}"


def _bearer_token(headers: Headers, name: str) -> str | None:
    value = headers.get(name, "")
    return value[len(_BEARER) :].strip() if value.lower().startswith(_BEARER) else None


def _basic_password(headers: Headers, name: str) -> str | None:
    """Returns the password of Basic authentication, which the WebUI's clients send as ``USER:KEY``."""
    scheme, _, encoded = headers.get(name, "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return None
    return text.partition(":")[2] or None


def _claims_of_token(token: str) -> dict[str, Any]:
    parts = token.split(".")
    return _decoded(parts[1]) if len(parts) == 3 else {}


def _decoded(payload: str) -> dict[str, Any]:
    """Returns a JSON object from URL-safe base64, with or without padding; {} where there is none."""
    try:
        return parse_json_object(
            base64.urlsafe_b64decode(payload.rstrip("=") + "=" * (-len(payload.rstrip("=")) % 4))
        )
    except (binascii.Error, ValueError, InvalidRequest):
        return {}
