"""The file formats of results: their media types and file extensions."""

from __future__ import annotations

from typing import Literal, get_args

PictureFormat = Literal["png", "jpeg", "webp", "avif"]
ClipFormat = Literal["mp4", "webp"]  # a WebP of several pictures is an animation
Format = Literal["png", "jpeg", "webp", "avif", "mp4"]

PICTURE_FORMATS: tuple[str, ...] = get_args(PictureFormat)
CLIP_FORMATS: tuple[str, ...] = get_args(ClipFormat)
CONTENT_TYPES: dict[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
}
EXTENSIONS: dict[str, str] = {"png": "png", "jpeg": "jpg", "webp": "webp", "avif": "avif", "mp4": "mp4"}


def content_type_of_name(name: str) -> str:
    """Returns the media type of a result, by its object's name."""
    extension = name.rpartition(".")[2]
    return next(CONTENT_TYPES[each] for each, known in EXTENSIONS.items() if known == extension)
