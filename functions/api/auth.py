"""Finds out who calls.

1. Behind Identity-Aware Proxy (``PLANTAIN_IAP_AUDIENCE``) every request carries its signed assertion. A
   request without one has not passed the proxy, and is refused. Without API keys the assertion names the
   caller.
2. Where API keys are configured, a key is needed: in ``X-API-Key``, ``x-goog-api-key`` (Google's clients) or
   ``api-key`` (Azure's). Two different ones are refused. Without such a header it is what stands in
   ``Authorization``, where a proxy may put its own token beside a key header. API Gateway passes the
   caller's on as ``X-Forwarded-Authorization``. ``?key=`` counts where ``PLANTAIN_KEY_IN_QUERY`` allows it.
   No other name is believed then: a service that takes keys is usually open to callers that no proxy has
   checked.
3. Else, in production, a Google identity token, where Cloud Run's invoker check has verified it before the
   request gets here (``PLANTAIN_INVOKER_CHECK``). Cloud Run passes on its header and its claims; only the
   signature is cut off, so that there is nothing left to verify. Without the check anyone could write such a
   token, so every request is refused. Of two tokens Cloud Run verifies the one in
   ``X-Serverless-Authorization`` alone, so that one counts, even where it is no token.
4. If that token is a gateway's (``PLANTAIN_GATEWAYS``), the gateway's header names the caller: otherwise all
   of its callers would be one owner. The header is read for no other caller.
5. Else, on a laptop, there is one caller.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import Headers

from ..callers import Caller, caller_of_key
from ..contract.api_keys.keys_file import keys_file_at
from ..contract.api_keys.sent_keys import SentKeys, bearer_token, find_sent_keys
from ..contract.errors import InvalidKey, InvalidRequest, NotConfigured, Unauthenticated
from ..contract.settings import Settings
from ..intake.strict_json import parse_json_object
from ..owners import LOCAL, has_single_caller
from .iap import HEADER as ASSERTION
from .iap import iap_verifier

_FIRST_CHECKED = "X-Serverless-Authorization"
_GOOGLE = ("https://accounts.google.com", "accounts.google.com")  # the issuer, as Google writes it
_NO_KEY = "Send an API key: X-API-Key, Authorization: Bearer, x-goog-api-key or api-key."
_WRONG_KEY = (
    "The API key is not valid. Check it for missing characters, or ask the deployment's operator for one."
)
_TWO_KEYS = "The request has two different API keys: send one."
_NOT_IN_THE_ADDRESS = (
    "The address has a key in its query string, where logs keep it: send it in a header, X-API-Key or "
    "x-goog-api-key, and make a new key in place of this one."
)
_OPEN_DOOR = (
    "This deployment cannot tell who calls. Set PLANTAIN_API_KEYS_FILE, PLANTAIN_API_KEYS or "
    "PLANTAIN_IAP_AUDIENCE; or, where Cloud Run demands authentication (no allUsers among its invokers), "
    "PLANTAIN_INVOKER_CHECK=true."
)


def check_door(settings: Settings) -> str | None:
    """Returns what the operator should know of the list of keys; None where all is well.

    Raises NotConfigured where nothing tells callers apart, and a token could be anybody's invention; and
    Transient while there is no list of keys.
    """
    if not (settings.is_local or settings.takes_keys or settings.iap_audience or settings.invoker_check):
        raise NotConfigured(_OPEN_DOOR)
    if settings.api_keys_file is None:
        return None
    keys = keys_file_at(settings.api_keys_file)
    keys.current()
    return keys.fault and f"An older list of API keys counts, since the newest cannot be read: {keys.fault}"


def find_caller(headers: Headers, settings: Settings, query_keys: Sequence[str] = ()) -> Caller:
    """Returns who calls. ``query_keys``: the keys in the query string.

    Raises NotConfigured, Unauthenticated, and Transient while the caller cannot be found out.
    """
    check_door(settings)
    if query_keys and not settings.key_in_query:
        raise InvalidKey(_NOT_IN_THE_ADDRESS)
    passed_iap = _by_iap(headers, settings)
    if settings.takes_keys:
        return _by_key(find_sent_keys(headers, query_keys), settings)
    if passed_iap is not None:
        return Caller(passed_iap)
    if has_single_caller(settings):
        return Caller(LOCAL)
    return Caller(_by_token(headers, settings.gateways))


def unnamed_caller(headers: Headers, settings: Settings) -> Caller:
    """Returns the caller of an address that holds a secret. The secret stands for its owner; the caller owns
    nothing else.

    Raises NotConfigured and Transient as ``check_door``, and Unauthenticated for a request that has not
    passed the proxy in front.
    """
    check_door(settings)
    _by_iap(headers, settings)
    return Caller("", scopes=frozenset({"generate"}))


def _by_iap(headers: Headers, settings: Settings) -> str | None:
    """Returns who passed Identity-Aware Proxy; None where it does not stand in front."""
    if settings.iap_audience is None:
        return None
    return iap_verifier(settings.iap_audience, settings.iap_keys_url).caller(headers.get(ASSERTION))


def _by_key(sent: SentKeys, settings: Settings) -> Caller:
    if len(sent.named) > 1:
        raise InvalidKey(_TWO_KEYS)
    good = [caller for key in sent.counting if (caller := caller_of_key(key, settings)) is not None]
    if len(good) > 1:  # in Authorization and in what a gateway passed on
        raise InvalidKey(_TWO_KEYS)
    if good:
        return good[0]
    raise InvalidKey(_WRONG_KEY) if sent.has_key else Unauthenticated(_NO_KEY)


def _by_token(headers: Headers, gateways: Mapping[str, str]) -> str:
    checked = "Authorization" if headers.get(_FIRST_CHECKED) is None else _FIRST_CHECKED
    caller = _google_name(_claims_of_token(bearer_token(headers.get(checked, "")) or ""))
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
