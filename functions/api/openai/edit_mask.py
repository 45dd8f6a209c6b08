"""Masks: OpenAI's clients mark with transparency what may change, and a job's mask marks it in white."""

from __future__ import annotations

from io import BytesIO

from ...contract.errors import ImageUnreadable, MaskEmpty
from ...contract.pictures import PictureSource, damage_typed, open_source
from ...contract.request import ImageInput
from ...services import Services
from ..pictures import picture_from_bytes

_FORMATS = ("png", "webp")
_SECONDS = 20.0  # that a mask waits for memory
_COPIES = 2  # of the mask's pixels: as it is, with an alpha channel; and the channel alone


def job_mask(services: Services, data: bytes) -> ImageInput:
    """Returns the mask of a job for a file with transparency: what is transparent there is white here.

    Raises ImageUnreadable for a file without transparency, MaskEmpty where nothing is transparent, and what
    ``open_source`` raises.
    """
    try:
        source = open_source(data)
        if source.format not in _FORMATS or not source.image.has_transparency_data:
            raise ImageUnreadable(
                "The mask must be a PNG with an alpha channel: transparent marks what may change."
            )
        with services.memory.pixels.hold(source.decoding_bytes * _COPIES, seconds=_SECONDS):
            return picture_from_bytes(_inverted_alpha(source), "mask")
    except (ImageUnreadable, MaskEmpty) as error:
        error.field = "mask"
        raise


def _inverted_alpha(source: PictureSource) -> bytes:
    from PIL import ImageChops, ImageOps

    with damage_typed():
        picture = ImageOps.exif_transpose(source.image).convert("RGBA")
    changed = ImageChops.invert(picture.getchannel("A"))
    if changed.getbbox() is None:
        raise MaskEmpty("The mask lets nothing change: make transparent what may change.")
    target = BytesIO()
    changed.save(target, "PNG", compress_level=1)
    return target.getvalue()
