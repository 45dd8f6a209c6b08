"""Markups: marks that a person drew over the first image become the mask of a job."""

from __future__ import annotations

import base64
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING

from ...contract.errors import ImageUnreadable, InvalidRequest, MaskEmpty
from ...contract.pictures import PictureSource, damage_typed, open_source
from ...contract.request import ImageInput
from ...services import Services
from ..pictures import picture_from_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

_FIELD = "markup"
_FORMATS = ("png", "webp")
_SECONDS = 20.0  # that a markup waits for memory
_COPIES = 2  # of its pixels: with an alpha channel; and all the channels made of it
_VISIBLE = 16  # alpha from which a pixel is a mark: what is fainter is the rest of an eraser
_SIDE = 256  # pixels on which enclosed areas are looked for: filling goes pixel by pixel
_GAP = 3  # of those pixels: a line that ends so near to its beginning encloses an area
_OUTSIDE = 128
_UPRIGHT = 4  # the last orientation of EXIF that does not turn by a quarter


def markup_mask(services: Services, data: bytes, first: ImageInput) -> ImageInput:
    """Returns the mask of a job for marks on ``first``: white is what is drawn, and what it encloses.

    Raises ImageUnreadable for a file without transparency, InvalidRequest for one of another size than the
    image, MaskEmpty where nothing is drawn, and what ``open_source`` raises.
    """
    wanted = _size_of_image(first)
    try:
        source = open_source(data)
        if source.format not in _FORMATS or not source.image.has_transparency_data:
            raise ImageUnreadable("The markup must be a PNG that is transparent but for the marks.")
        if wanted not in (None, found := _shown_size(source)):
            raise InvalidRequest(
                f"Make the markup {_describe(wanted)}, as the image: it has {_describe(found)}."
            )
        with services.memory.pixels.hold(source.decoding_bytes * _COPIES, seconds=_SECONDS):
            return picture_from_bytes(_marked_area(source), _FIELD)
    except (InvalidRequest, MaskEmpty) as error:
        error.field = _FIELD
        raise


def _size_of_image(first: ImageInput) -> tuple[int, int] | None:
    """Returns the size of an image that is at hand; admission compares that of a stored file."""
    if first.data is None:
        return None
    try:
        return _shown_size(open_source(base64.b64decode(first.data)))
    except InvalidRequest as error:
        error.field = "image"
        raise


def _shown_size(source: PictureSource) -> tuple[int, int]:
    """Returns width and height as the picture is seen: half of EXIF's orientations lay it on its side."""
    width, height = source.size
    return (height, width) if source.turn > _UPRIGHT else (width, height)


def _describe(size: tuple[int, int] | None) -> str:
    return "{}×{} pixels".format(*size) if size else ""


def _marked_area(source: PictureSource) -> bytes:
    from PIL import ImageOps

    with damage_typed():
        picture = ImageOps.exif_transpose(source.image).convert("RGBA")
    marks = picture.getchannel("A").point([0 if alpha < _VISIBLE else 255 for alpha in range(256)])
    if marks.getbbox() is None:
        raise MaskEmpty("The markup is empty: draw around what may change.")
    if marks.getextrema() == (255, 255):
        raise ImageUnreadable("The markup covers the whole image: leave transparent what is no mark.")
    target = BytesIO()
    _fill(marks).save(target, "PNG", compress_level=1)
    return target.getvalue()


def _fill(marks: Image) -> Image:
    """Returns the marks with what they enclose, white on black."""
    from PIL import ImageDraw, ImageFilter, ImageOps
    from PIL.Image import Resampling

    step = ceil(max(marks.size) / _SIDE)
    small = marks.reduce(step).point([0, *[255] * 255]).filter(ImageFilter.MaxFilter(_GAP))
    framed = ImageOps.expand(small, 1, fill=0)  # the frame joins all that is outside
    ImageDraw.floodfill(framed, (0, 0), _OUTSIDE)
    filled = ImageOps.crop(framed, 1).point([0 if value == _OUTSIDE else 255 for value in range(256)])
    large = filled.resize((filled.width * step, filled.height * step), Resampling.NEAREST)
    return large.crop((0, 0, *marks.size))
