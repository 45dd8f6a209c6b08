"""What Cloud Storage takes as the name of an object, and what Plantain takes of that.

https://cloud.google.com/storage/docs/objects#naming
"""

from __future__ import annotations

import re

LONGEST_NAME = 1_024  # bytes of UTF-8
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\Z")


def is_valid_name(name: str) -> bool:
    """Tell whether the name is a text, and is 1 to 1,024 bytes of UTF-8."""
    try:
        return 1 <= len(name.encode()) <= LONGEST_NAME
    except UnicodeEncodeError:  # a lone surrogate
        return False


def is_object_name(bucket: str, name: str) -> bool:
    """Tell whether Cloud Storage can hold an object of this name in a bucket of this one."""
    return is_valid_name(name) and "\r" not in name and "\n" not in name and bool(_BUCKET.match(bucket))


def has_dot_segment(name: str) -> bool:
    """Tell whether a step of the name is "." or "..": what resolves paths would read another object."""
    return any(step in (".", "..") for step in name.split("/"))


def object_in_bucket(bucket: str, uri: str) -> str | None:
    """Return the object of ``bucket`` that ``uri`` names, climbing or not; None for another bucket's."""
    prefix = f"gs://{bucket}/"
    return uri.removeprefix(prefix) if uri.startswith(prefix) else None
