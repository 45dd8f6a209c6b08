"""Clips: their length, their frames and their largest size."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictInt

from .document import DocumentPart
from .errors import UnsupportedSize
from .validation.whole_numbers import check_whole

MIN_SECONDS, MAX_SECONDS = 2, 8
DEFAULT_SECONDS, DEFAULT_FPS = 4, 24
# Of anybody's clip that is to be verified: what is looked at, and the largest frame (4K of television).
MOST_FRAMES, MOST_PIXELS = 480, 4096 * 2160
SAMPLED = 10  # frames of a clip in which its mark is looked for
MAX_AREA = 1920 * 1088  # pixels of a frame: 1080p, whose sides are multiples of 16
# Pixels of all frames of an animated WebP, which keeps each frame nearly whole, at about 0.4 bytes a pixel.
MAX_WEBP_PIXELS = 1360 * 768 * 96

Seconds = Annotated[StrictInt, Field(ge=MIN_SECONDS, le=MAX_SECONDS)]
Fps = Annotated[Literal[8, 12, 16, 24, 30], BeforeValidator(check_whole)]


class ClipFacts(DocumentPart):
    """The frames of a clip, and in how many of those that were looked at its mark was read from the file."""

    seconds: int
    fps: int
    frames: int
    codec: Literal["h264", "webp"]
    sampled: int
    marked: int


def with_clip_format(body: Any) -> Any:
    """Returns the body of a request with the usual format of a clip, where it asks for one and names none."""
    is_clip = isinstance(body, dict) and body.get("task") == "animate"
    return {"format": "mp4", **body} if is_clip else body


def check_clip_size(width: int, height: int, frames: int, format: str) -> None:
    """Raises UnsupportedSize for frames of more than MAX_AREA pixels, and for a WebP of too many."""
    if width * height > MAX_AREA:
        raise UnsupportedSize(
            f"A clip's frame may have the area of 1920×1088 at most, and {width}×{height} is larger: ask for "
            "a size of 512 or 1K, or for a smaller width and height.",
            field="size",
        )
    if format == "webp" and width * height * frames > MAX_WEBP_PIXELS:
        raise UnsupportedSize(
            f"{frames} frames of {width}×{height} are too much for an animated WebP: ask for mp4, a smaller "
            "size or fewer frames.",
            field="format",
        )
