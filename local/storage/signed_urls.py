"""Signed URLs: the signature is taken on trust, its expiry is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from functions.contract.timestamps import format_time
from local.storage.errors import EntityTooLarge, EntityTooSmall, ExpiredSignature, InvalidValue
from local.storage.preconditions import parse_number

MAX_SECONDS = 7 * 86_400
"""The longest time in seconds that a V4 signature is valid."""


def check_expiry(query: Mapping[str, str]) -> None:
    """Raises ExpiredSignature for a signed URL whose time is over, InvalidValue for one that is not whole."""
    if "X-Goog-Signature" in query or "X-Goog-Algorithm" in query:
        expires = _v4_end(query)
    elif "Signature" in query:
        expires = datetime.fromtimestamp(parse_number(query, "Expires") or 0, UTC)
    else:
        return
    if datetime.now(UTC) >= expires:
        raise ExpiredSignature(
            f"The provided token has expired. Request signature expired at: {format_time(expires)}"
        )


def _v4_end(query: Mapping[str, str]) -> datetime:
    seconds = parse_number(query, "X-Goog-Expires")
    try:
        begin = datetime.strptime(query.get("X-Goog-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidValue("X-Goog-Date must be a time like 20260131T235959Z.") from None
    if seconds is None or not 0 < seconds <= MAX_SECONDS:
        raise InvalidValue(f"X-Goog-Expires must be between 1 and {MAX_SECONDS} seconds.")
    return begin + timedelta(seconds=seconds)


def check_length(headers: Mapping[str, str], size: int) -> None:
    """Raises EntityTooLarge or EntityTooSmall when X-Goog-Content-Length-Range does not allow the size."""
    allowed = headers.get("x-goog-content-length-range")
    if allowed is None:
        return
    low, _, high = allowed.partition(",")
    bounds = {"low": low.strip(), "high": high.strip()}
    if size < (parse_number(bounds, "low") or 0):
        raise EntityTooSmall("Your proposed upload is smaller than the minimum size specified.")
    if size > (parse_number(bounds, "high") or 0):
        raise EntityTooLarge("Your proposed upload exceeds the maximum allowed object size.")
