"""The check of a picture before it is accepted: its format, and that all of its bytes decode."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ImageUnreadable
from .limits import MAX_PIXELS, MAX_WORK, MODES, check_size, damage_typed
from .memory_budget import MemoryBudget
from .png import check_pixels
from .source import PictureSource, open_source

_EIGHTH = 8


@dataclass(frozen=True)
class PictureFacts:
    """The facts of a picture, as its author sees it."""

    format: str
    media_type: str
    width: int
    height: int
    animated: bool
    bit_depth: int
    has_alpha: bool
    work: int = 0


def inspect_picture(
    data: bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    max_work: int = MAX_WORK,
    memory: MemoryBudget | None = None,
    seconds: float = 20.0,
) -> PictureFacts:
    """Returns the facts of ``data``. Reads the first frame to its end, so that a torn file is refused here.

    It decodes as little as that needs: a PNG's rows are inflated and dropped, a JPEG is decoded at an eighth
    of its sides. The bytes are reserved in ``memory`` meanwhile, after a wait of at most ``seconds``.

    Raises:
        ImageUnreadable: the bytes are no picture of a format that is taken, or are damaged.
        ImageTooLarge: too many pixels, too much work, or more memory than there ever is; known before
            anything is decoded.
        UnsupportedSize: a side outside 16 to 16,384 pixels, or one more than 32 times the other.
        MemoryBusy: other pictures have the memory for longer than ``seconds``.
    """
    source = open_source(data, max_pixels=max_pixels, max_work=max_work)
    if memory is None:
        return _checked(source, max_pixels)
    with memory.hold(source.checking_bytes, seconds=seconds):
        return _checked(source, max_pixels)


def _checked(source: PictureSource, max_pixels: int) -> PictureFacts:
    with damage_typed():
        if source.format == "png":
            check_pixels(source.data)
        elif source.format == "heic":
            source.image.load()
        else:
            if source.format == "jpeg":
                source.draft((source.size[0] // _EIGHTH, source.size[1] // _EIGHTH))
            source.image.load()
        if source.format not in ("jpeg", "heic"):  # a frame may be larger than what was announced
            check_size(source.image.width, source.image.height, max_pixels)
        check_mode(source)
        return facts_of(source)


def check_mode(source: PictureSource) -> None:
    """Raises ImageUnreadable for pixels of more than 16 bits a channel, or of an unknown kind."""
    if source.format != "heic" and source.image.mode not in MODES:
        raise ImageUnreadable(
            f"Pixels of kind {source.image.mode} are not taken: save the image with 8 or 16 bits."
        )


def facts_of(source: PictureSource) -> PictureFacts:
    """Returns the facts of an opened picture."""
    width, height = reversed(source.size) if source.turn >= 5 else source.size
    return PictureFacts(
        format=source.format,
        media_type=f"image/{source.format}",
        width=width,
        height=height,
        animated=source.animated,
        bit_depth=16 if source.deep and source.format != "avif" else 8,
        has_alpha=source.image.has_alpha if source.format == "heic" else source.image.has_transparency_data,
        work=source.work,
    )
