"""The time, as the JSON API writes it."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp_now() -> str:
    """Returns the current time, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
