"""The size of a job's pictures, from the request and the picture that it starts from."""

from __future__ import annotations

from math import ceil, floor, log, sqrt

from ..contract.clips import check_clip_size
from ..contract.errors import InvalidRequest, UnsupportedSize
from ..contract.pictures import PictureFacts
from ..contract.request import JobRequest
from ..contract.sizes import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_SIZE,
    PIXELS,
    SIDE,
    AspectRatio,
    check_exact_size,
    enclosing_frame,
    nearest_ratio,
    pixel_size,
)
from ..contract.tasks import WITHOUT_PICTURES

DEFAULT_CLIP_RATIO: AspectRatio = "16:9"
MIN_OWN_SIDE = min(min(size) for size in PIXELS.values())
MAX_OWN_SIDE = max(max(size) for size in PIXELS.values())
_LONGEST = 16_383  # pixels of a side: more fits no WebP
_WORTH_PAINTING = 1.02  # below this the picture has the ratio already: the table's shapes are that inexact
OWN_AREA = 4096 * 4096 * 1.03  # the table's own 4K shapes exceed 4096² by up to 3 %


def output_size(request: JobRequest, image: PictureFacts | None) -> tuple[int, int]:
    """Returns width and height in pixels. ``image`` is the first of the request's images.

    - generate, sequence: the table; 1K and 1:1 by default.
    - edit: the picture's own size, or the nearest of its shape that can be delivered. With a size or a ratio
      in the request, the table; what the request leaves out is the picture's nearest.
    - upscale: the picture's own shape at the area that the size names, each side rounded to a pixel. The
      table's shapes would distort it.
    - outpaint: the smallest frame of the ratio that holds the picture as it is, or the nearest that can be
      delivered. With a size in the request, the table, and the picture is fitted into it.
    - any of these with a width and a height: exactly that. An outpaint's picture is fitted into it; an
      upscale's has to be the picture's shape, to the pixel.
    - animate: the table; 1K by default, and the ratio that is nearest to the picture's, or 16:9 without one.
    - suggest, verify: the picture's own size, whatever it is: no picture is made.

    Raises UnsupportedSize, also for a clip's frame that is too large, and InvalidRequest for an outpaint that
    leaves nothing to paint.
    """
    if request.width is not None and request.height is not None:
        return _exact_size(request, image, request.width, request.height)
    if request.task == "animate":
        return _clip_size(request, image)
    if request.task in ("generate", "sequence") or image is None:
        return pixel_size(request.size or DEFAULT_SIZE, request.aspect_ratio or DEFAULT_ASPECT_RATIO)
    if request.task in WITHOUT_PICTURES:
        return image.width, image.height
    if request.task == "outpaint":
        return _outpaint_size(request, image)
    if request.task == "upscale":
        return _upscale_size(request, image)
    if request.size is None and request.aspect_ratio is None:
        return nearest_deliverable(image.width, image.height)
    ratio = request.aspect_ratio or nearest_ratio(image.width, image.height)
    return pixel_size(request.size or _nearest_size(image), ratio)


def _exact_size(request: JobRequest, image: PictureFacts | None, width: int, height: int) -> tuple[int, int]:
    check_exact_size(width, height)
    if request.task == "animate":
        check_clip_size(width, height, request.frame_count, request.format)
    if request.task == "upscale" and image is not None:
        _check_enlarges(image, width, height)
    if request.task == "outpaint" and image is not None:
        _check_room(image, width, height)
    return width, height


def _clip_size(request: JobRequest, image: PictureFacts | None) -> tuple[int, int]:
    usual = nearest_ratio(image.width, image.height) if image else DEFAULT_CLIP_RATIO
    width, height = pixel_size(request.size or DEFAULT_SIZE, request.aspect_ratio or usual)
    check_clip_size(width, height, request.frame_count, request.format)
    return width, height


def _check_enlarges(image: PictureFacts, width: int, height: int) -> None:
    """Raises UnsupportedSize where an upscale would shrink the picture or bend its shape."""
    was = f"The image is {image.width}×{image.height}"
    if width < image.width or height < image.height:
        message = f"{was}: {width}×{height} would make it smaller, not larger."
        raise UnsupportedSize(message, field="width")
    off_height = abs(height - image.height * width / image.width)
    off_width = abs(width - image.width * height / image.height)
    if min(off_height, off_width) > 1:
        message = f"{was}, and {width}×{height} has another shape: ask for a size, which keeps it."
        raise UnsupportedSize(message, field="height")


def _check_room(image: PictureFacts, width: int, height: int) -> None:
    """Raises InvalidRequest where the picture, fitted into the frame, leaves nothing to paint."""
    scale = min(width / image.width, height / image.height)
    if width * height < image.width * image.height * scale * scale * _WORTH_PAINTING:
        message = f"The image has the shape of {width}×{height} already: ask for another frame."
        raise InvalidRequest(message, field="width")


def _outpaint_size(request: JobRequest, image: PictureFacts) -> tuple[int, int]:
    ratio = request.aspect_ratio or DEFAULT_ASPECT_RATIO
    width, height = enclosing_frame(image.width, image.height, ratio)
    if width * height < image.width * image.height * _WORTH_PAINTING:
        raise InvalidRequest(f"The image is {ratio} already: ask for another one.", field="aspect_ratio")
    return pixel_size(request.size, ratio) if request.size else nearest_deliverable(width, height)


def nearest_deliverable(width: int, height: int) -> tuple[int, int]:
    """Returns the size itself, or the nearest of its shape whose sides and area can be delivered.

    The shape may be up to MAX_ASPECT, which is less than the ratio of the sides' limits.
    """
    scale = min(1.0, sqrt(OWN_AREA / (width * height)), MAX_OWN_SIDE / max(width, height))
    scale = max(scale, MIN_OWN_SIDE / min(width, height))
    if scale == 1:
        return width, height
    rounded = floor if scale < 1 else ceil
    return _clamp_side(rounded(width * scale)), _clamp_side(rounded(height * scale))


def _clamp_side(side: int) -> int:
    return min(max(side, MIN_OWN_SIDE), MAX_OWN_SIDE)


def _nearest_size(image: PictureFacts) -> str:
    area = image.width * image.height
    return min(SIDE, key=lambda size: abs(log(SIDE[size] ** 2 / area)))


def _upscale_size(request: JobRequest, image: PictureFacts) -> tuple[int, int]:
    if request.aspect_ratio is not None:
        raise UnsupportedSize("An upscale keeps the picture's shape: leave it out.", field="aspect_ratio")
    scale = SIDE[request.size or DEFAULT_SIZE] / sqrt(image.width * image.height)
    if scale < 1:
        raise UnsupportedSize(
            f"The image is {image.width}×{image.height}: {request.size} would make it smaller, not larger.",
            field="size",
        )
    width, height = round(image.width * scale), round(image.height * scale)
    if max(width, height) > _LONGEST:
        raise UnsupportedSize(f"That would be {width}×{height}: ask for a smaller size.", field="size")
    return width, height
