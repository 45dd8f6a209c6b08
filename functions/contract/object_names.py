"""The names that Cloud Storage accepts for objects, and those of them that Plantain accepts.

https://cloud.google.com/storage/docs/objects#naming
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InvalidRequest

LONGEST_NAME = 1_024  # bytes of UTF-8
_HOW = "Name the object as gs://bucket/name"
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\Z")


def is_valid_name(name: str) -> bool:
    """Returns True if the name is 1 to 1,024 bytes of UTF-8."""
    try:
        return 1 <= len(name.encode()) <= LONGEST_NAME
    except UnicodeEncodeError:  # a lone surrogate
        return False


def is_object_name(bucket: str, name: str) -> bool:
    """Returns True if Cloud Storage can hold an object of this name in this bucket."""
    return is_valid_name(name) and "\r" not in name and "\n" not in name and bool(_BUCKET.match(bucket))


def has_dot_segment(name: str) -> bool:
    """Returns True if a segment of the name is "." or "..": programs that resolve paths would read another
    object.
    """
    return any(step in (".", "..") for step in name.split("/"))


def object_in_bucket(bucket: str, uri: str) -> str | None:
    """Returns the name of the object of ``bucket`` that ``uri`` names; None for another bucket's."""
    prefix = f"gs://{bucket}/"
    return uri.removeprefix(prefix) if uri.startswith(prefix) else None


@dataclass(frozen=True)
class ObjectName:
    """An object of a bucket; as text it is its `gs://` address."""

    bucket: str
    name: str

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name}"


def parse_uri(uri: str) -> ObjectName:
    """Parses gs://bucket/name. Raises InvalidRequest for any other text, and for names with "." or ".."
    segments.
    """
    bucket, slash, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not slash:
        raise InvalidRequest(f"{_HOW}.")
    if not _BUCKET.match(bucket):
        raise InvalidRequest(
            f"{_HOW}: a bucket has 3 to 222 lowercase letters, digits and . _ - as its name."
        )
    if not is_object_name(bucket, name):
        raise InvalidRequest(f"{_HOW}: the name has 1 to {LONGEST_NAME:,} bytes of UTF-8 on one line.")
    if has_dot_segment(name):
        raise InvalidRequest(f'{_HOW}: no step of the name may be "." or "..".')
    return ObjectName(bucket, name)
