"""The key itself, as its caller has it: ``pk_ID_SECRET``.

The id finds the entry of the key, and is no secret: commands and logs name a key by it. The secret has 256
random bits, so that its SHA-256 can be kept without salt or stretching: there are too many to try.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass

_PREFIX = "pk"
_SECRET_BYTES = 32
_ID_BYTES = 5
KEY_ID = r"^[a-z2-7]{8}$"
_KEY = re.compile(rf"{_PREFIX}_([a-z2-7]{{8}})_[a-z2-7]{{52}}")


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: ``text`` is for its caller and is kept nowhere."""

    id: str
    text: str

    def __repr__(self) -> str:
        return f"NewKey({self.id})"


def make_key() -> NewKey:
    """Returns a new key."""
    key_id = _random_letters(_ID_BYTES)
    return NewKey(key_id, f"{_PREFIX}_{key_id}_{_random_letters(_SECRET_BYTES)}")


def id_of_key(text: str) -> str | None:
    """Returns the id that a key names; None for a text that is no key of this form."""
    found = _KEY.fullmatch(text)
    return found[1] if found else None


def _random_letters(count: int) -> str:
    """Returns ``count`` random bytes in base32: small letters and digits, selected by a double click."""
    return base64.b32encode(secrets.token_bytes(count)).decode().rstrip("=").lower()
