"""Who calls.

1. Where API keys are configured, a key is needed: ``X-API-Key: KEY`` or ``Authorization: Bearer KEY``. Then
   nothing else is believed: a service that takes keys is usually open to callers that nobody has checked.
2. Else, in production, a Google identity token. Cloud Run's invoker check has verified it before the request
   gets here (the service must not allow unauthenticated calls), and hands on its header and its claims; only
   the signature is cut off, so that there is nothing left to verify. Of two tokens Cloud Run verifies the one
   in ``X-Serverless-Authorization`` alone, so that one counts.
3. Else, on a laptop, there is one caller.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

from werkzeug.datastructures import Headers

from ..contract.errors import InvalidRequest, Unauthenticated
from ..contract.settings import Settings
from ..intake.strict_json import json_object
from ..owners import LOCAL, is_open

_BEARER = "bearer "


def owner_of(headers: Headers, settings: Settings) -> str:
    """The caller's name. Raises Unauthenticated."""
    if settings.api_keys:
        return _by_key(headers, settings.api_keys)
    if is_open(settings):
        return LOCAL
    return _by_token(headers)


def _by_key(headers: Headers, api_keys: dict[str, str]) -> str:
    key = headers.get("X-API-Key") or _bearer(headers, "Authorization") or ""
    given = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    found: str | None = None
    for sha256, owner in api_keys.items():  # all of them, so that the time taken tells nothing
        if hmac.compare_digest(sha256.lower().encode(), given.encode()):
            found = owner
    if not key or found is None:
        raise Unauthenticated("Send an API key: X-API-Key, or Authorization: Bearer.")
    return found


def _by_token(headers: Headers) -> str:
    token = _bearer(headers, "X-Serverless-Authorization") or _bearer(headers, "Authorization")
    claims = _claims(token or "")
    email, subject = claims.get("email"), claims.get("sub")
    if isinstance(email, str) and email and claims.get("email_verified") is True:
        return email
    if isinstance(subject, str) and subject:
        return subject
    raise Unauthenticated("Send a Google identity token: Authorization: Bearer.")


def _bearer(headers: Headers, name: str) -> str | None:
    value = headers.get(name, "")
    return value[len(_BEARER) :].strip() if value.lower().startswith(_BEARER) else None


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return json_object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, InvalidRequest):
        return {}
