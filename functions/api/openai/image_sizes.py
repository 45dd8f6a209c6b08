"""Sizes as OpenAI's clients write them: `1536x1024`, or `auto`; and the names of our own, such as `2K`."""

from __future__ import annotations

import re

from ...contract.errors import UnsupportedSize
from ...contract.sizes import SIDE
from ..picture_sizes import fields_of_pixels
from .image_fields import ImageFields

_PIXELS = re.compile(r"([0-9]{1,5})[xX×]([0-9]{1,5})\Z")


def size_fields(fields: ImageFields) -> dict[str, object]:
    """Returns the fields of a job that say the same: none for `auto`. Raises UnsupportedSize."""
    shape: dict[str, object] = {"aspect_ratio": fields.aspect_ratio} if fields.aspect_ratio else {}
    if fields.size in SIDE:
        return {"size": fields.size, **shape}
    if fields.size not in ("", "auto"):
        return fields_of_pixels(*parse_size(fields.size))
    if fields.width is not None or fields.height is not None:
        if fields.width is None or fields.height is None:
            raise UnsupportedSize("Give both width and height, or size alone.", field="size")
        return fields_of_pixels(fields.width, fields.height)
    return shape


def parse_size(text: str) -> tuple[int, int]:
    """Returns width and height in pixels of a text such as `1024x1024`. Raises UnsupportedSize."""
    found = _PIXELS.match(text)
    if not found:
        raise UnsupportedSize("Write the size as WIDTHxHEIGHT in pixels, or as auto.", field="size")
    return int(found[1]), int(found[2])
