"""The cursor of a listing: the name of the last index entry that was shown, in URL-safe base64.

Listings of batches once gave the name as it is; such a cursor is accepted as well.
"""

from __future__ import annotations

import base64
import binascii
import re

from ..errors import InvalidRequest

_PLAIN = re.compile(r"[0-9]+-[a-z0-9_]+")


def encode_cursor(name: str) -> str:
    """Returns the cursor for the entry ``name``, which is written ``DIGITS-ID``."""
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, id_pattern: re.Pattern[str]) -> str:
    """Returns the name of the entry. Raises InvalidRequest unless its id matches ``id_pattern``."""
    name = cursor if _PLAIN.fullmatch(cursor) else _from_base64(cursor)
    digits, _, id = name.partition("-")
    if not (digits.isascii() and digits.isdigit() and id_pattern.match(id)):
        raise InvalidRequest("The cursor is not one that a listing gave.", field="cursor")
    return name


def _from_base64(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        return ""
