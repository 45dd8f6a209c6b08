"""Keys as they are kept: the SHA-256 of each, with its owner."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidRequest

KEYS_VARIABLE = "PLANTAIN_API_KEYS"


def digest_key(key: str) -> str:
    """Returns the SHA-256 of the key, in small hexadecimal digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def owner_of_key(key: str, owners: Mapping[str, str]) -> str | None:
    """Returns the owner of the key; None for a key that is not among them. ``owners``: digest → owner."""
    given = digest_key(key).encode()
    found: str | None = None
    for digest, owner in owners.items():  # all of them, so that the time taken tells nothing
        if hmac.compare_digest(digest.lower().encode(), given):
            found = owner
    return found


def parse_owners(text: str) -> dict[str, str]:
    """Parses the value of PLANTAIN_API_KEYS. Raises InvalidRequest, without the value."""
    try:
        found: Any = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(owner, str) for owner in found.values()):
        raise InvalidRequest(f'{KEYS_VARIABLE} is JSON: {{"SHA-256 of a key": "owner"}}.')
    return found
