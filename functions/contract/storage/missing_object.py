"""Explains why an object's generation no longer exists."""

from __future__ import annotations

from ..errors import ImageUnreadable, NotFound, PlantainError, Superseded
from .bucket import Bucket


def missing_object_error(objects: Bucket, name: str) -> PlantainError:
    """Returns the error for a generation that was not found: Superseded if the name has a newer one.

    The message does not contain the name: the receivers of the job's end see it.
    """
    try:
        objects.stat(name)
    except NotFound:
        return ImageUnreadable("An input picture was removed before it was read: upload it again.")
    return Superseded(
        "An input picture was replaced by a newer object of the same name before it was read: what was asked "
        "of the old one is not done."
    )
