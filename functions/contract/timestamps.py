"""The format in which Plantain writes times: RFC 3339 in UTC with ``Z``."""

from __future__ import annotations

from datetime import UTC, datetime


def format_time(moment: datetime) -> str:
    """Returns ``2026-01-31T12:00:00.000000Z``. All digits are always written, so that texts sort
    as times do.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """Returns the time in UTC that ``text`` has in RFC 3339; None for any other text, or one
    without a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the first or last hours of all years have no UTC
        return None


def with_utc_suffix(text: str | None) -> str | None:
    """Returns a time that an older Plantain may have written with ``+00:00``, as it is written today."""
    return text and text.replace("+00:00", "Z")
