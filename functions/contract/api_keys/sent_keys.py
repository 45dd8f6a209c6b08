"""Where a request carries an API key: our header, those of other services' clients, and Authorization."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

KEY_HEADERS = ("x-api-key", "x-goog-api-key", "api-key")  # ours, Google's and Azure's
_AUTHORIZATION = ("authorization", "x-forwarded-authorization")
_SIGNED_TOKEN = re.compile(r"[\w-]*\.[\w-]*\.[\w-]*", re.ASCII)


class NamedHeaders(Protocol):
    """Headers of a request, by their names in small letters."""

    def get(self, name: str, /) -> str | None: ...


@dataclass(frozen=True)
class SentKeys:
    """What a request carries that may be its caller's key, each once.

    ``named``: what stands where only a key can stand. ``authorization``: what stands in Authorization, where
    a gateway or a proxy puts its own token. It counts only where ``named`` is empty.
    """

    named: tuple[str, ...]
    authorization: tuple[str, ...] = ()

    @property
    def counting(self) -> tuple[str, ...]:
        return self.named or self.authorization

    @property
    def has_key(self) -> bool:
        """Returns True if something was sent as a key. A signed token (a JWT) in Authorization is none."""
        return bool(self.named) or any(not _SIGNED_TOKEN.fullmatch(each) for each in self.authorization)


def find_sent_keys(headers: NamedHeaders, query_keys: Iterable[str] = ()) -> SentKeys:
    """Returns the keys in the headers. ``query_keys`` come from the query string and count as headers do."""
    named = [key for name in KEY_HEADERS if (key := headers.get(name))]
    tokens = [token for name in _AUTHORIZATION if (token := _token_of(headers.get(name) or ""))]
    return SentKeys(
        tuple(dict.fromkeys((*named, *(key for key in query_keys if key)))), tuple(dict.fromkeys(tokens))
    )


def bearer_token(value: str) -> str | None:
    """Returns the token of a header ``Bearer TOKEN``; None for another scheme."""
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _token_of(value: str) -> str | None:
    return bearer_token(value) or _basic_password(value)


def _basic_password(value: str) -> str | None:
    """Returns the password of Basic authentication, which the WebUI's clients send as ``USER:KEY``."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return None
    return text.partition(":")[2] or None
