"""Why an object's generation that was named is there no more."""

from __future__ import annotations

from ..errors import ImageUnreadable, NotFound, PlantainError, Superseded
from .bucket import Bucket


def missing_object_error(objects: Bucket, name: str) -> PlantainError:
    """Return the error for a generation that was not found: Superseded where a newer one stands there now.

    The name is not in its message: whoever is told of the job's end learns that.
    """
    try:
        objects.stat(name)
    except NotFound:
        return ImageUnreadable("An input picture was removed before it was read: upload it again.")
    return Superseded(
        "An input picture was replaced by a newer object of the same name before it was read: what was asked "
        "of the old one is not done."
    )
