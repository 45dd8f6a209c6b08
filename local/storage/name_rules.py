"""The names that buckets and objects may have, and the order of names."""

from __future__ import annotations

import re

from local.storage.errors import InvalidValue, MissingValue

MAX_OBJECT_NAME = 1024
"""Bytes of UTF-8 in an object's name."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_LAST = "\U0010ffff"


def check_bucket_name(name: object) -> str:
    """Returns the name, when a bucket may have it.

    Raises:
        MissingValue: there is no name.
        InvalidValue: see https://cloud.google.com/storage/docs/buckets#naming.
    """
    if not name:
        raise MissingValue("A bucket needs a name.")
    if not isinstance(name, str) or not _BUCKET.fullmatch(name) or not _labels_fit(name):
        raise InvalidValue(f"Invalid bucket name: {name!r}")
    return name


def _labels_fit(name: str) -> bool:
    labels = name.split(".")
    return all(1 <= len(label) <= 63 for label in labels) and not name.startswith("goog")


def check_object_name(name: object) -> str:
    """Returns the name, when an object may have it.

    Raises:
        MissingValue: there is no name.
        InvalidValue: see https://cloud.google.com/storage/docs/objects#naming.
    """
    if not name:
        raise MissingValue("An object needs a name.")
    if not isinstance(name, str) or name in (".", "..") or "\r" in name or "\n" in name:
        raise InvalidValue("Invalid object name.")
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        raise InvalidValue("The object's name is not valid Unicode.") from None
    if len(encoded) > MAX_OBJECT_NAME or name.startswith(".well-known/acme-challenge/"):
        raise InvalidValue(
            f"An object's name is at most {MAX_OBJECT_NAME} bytes long; this one has {len(encoded)}."
        )
    return name


def after_prefix(prefix: str) -> str | None:
    """Returns the first string behind all that begin with ``prefix``; None when there is none.

    Names are ordered by their UTF-8 bytes, which is the order of code points.
    """
    prefix = prefix.rstrip(_LAST)
    if not prefix:
        return None
    following = ord(prefix[-1]) + 1
    # Surrogates are no characters: UTF-8 has none.
    return prefix[:-1] + chr(0xE000 if following == 0xD800 else following)
