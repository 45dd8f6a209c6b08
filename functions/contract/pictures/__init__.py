"""Checks of pictures before they are accepted: their format, the cost of decoding them, and that they decode.

The functions and the worker share it, so it needs the standard library and, once called, Pillow and
pillow-heif; no numpy.
"""

from .colour import ADOBE, LINEAR, UNSPECIFIED, CodedColour, Colour, PngColour
from .facts import PictureFacts, check_mode, facts_of, inspect_picture
from .jpeg import MAX_SCANS
from .limits import (
    FORMATS,
    MAX_ASPECT,
    MAX_PIXELS,
    MAX_SIDE,
    MAX_WORK_OF_REQUEST,
    MIN_SIDE,
    MODES_16,
    TAKEN,
    check_work,
    damage_typed,
)
from .mp4 import inspect_clip
from .picture_format import format_of
from .png import PNG_SIGNATURE, png_chunks, still_png
from .source import PictureSource, open_source

__all__ = [
    "ADOBE",
    "FORMATS",
    "LINEAR",
    "MAX_ASPECT",
    "MAX_PIXELS",
    "MAX_SCANS",
    "MAX_SIDE",
    "MAX_WORK_OF_REQUEST",
    "MIN_SIDE",
    "MODES_16",
    "PNG_SIGNATURE",
    "TAKEN",
    "UNSPECIFIED",
    "CodedColour",
    "Colour",
    "PictureFacts",
    "PictureSource",
    "PngColour",
    "check_mode",
    "check_work",
    "damage_typed",
    "facts_of",
    "format_of",
    "inspect_clip",
    "inspect_picture",
    "open_source",
    "png_chunks",
    "still_png",
]
