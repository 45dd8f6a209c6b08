"""Finds which uploaded objects are pictures: by name and type, or by the first bytes where these are unclear.

A folder holds more than pictures: files of file managers and tools, parts of uploads, texts. A recipe applies
to the pictures of its folder and leaves the rest alone.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass

from ..contract.storage.bucket import Bucket

# Written by gcloud and gsutil for a moment, and composed into the real object: no part is a picture.
_PARTS = re.compile(r"(^|/)(gcloud|gsutil)/tmp/parallel_composite_uploads/")
_PLACEHOLDERS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "_$folder$"})
_UNFINISHED = (
    "_$folder$",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".tmp",
    ".temp",
    "~",
)
_PICTURES = frozenset(
    {"png", "jpg", "jpeg", "jpe", "jfif", "webp", "avif", "gif", "tif", "tiff", "bmp", "heic", "heif", "hif"}
)
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_BRANDS = frozenset(
    {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
)
_HEAD = 64  # bytes that identify a picture


@dataclass(frozen=True)
class PictureFile:
    """An uploaded object as a listing shows it. ``content_type`` is what its uploader declared."""

    name: str
    generation: int
    size: int
    content_type: str

    @classmethod
    def of(cls, uploads: Bucket, name: str, generation: int) -> PictureFile:
        """Looks the object up. Raises NotFound for a generation that no longer exists."""
        found = uploads.stat(name, generation)
        return cls(name, generation, found.size, (found.content_type or "").partition(";")[0].strip().lower())

    def is_meant_as_picture(self, uploads: Bucket) -> bool:
        """Returns True if name or type say that it is a picture; where neither is clear, if its bytes do."""
        if self.size == 0 or is_placeholder(self.name):
            return False
        if self.content_type.startswith("image/") or is_named_as_picture(self.name):
            return True
        return _type_by_name(self.name) is None and self.begins_as_picture(uploads)

    def begins_as_picture(self, uploads: Bucket) -> bool:
        """Returns True if the first bytes are a picture's: one small read, however large the object is."""
        return self.size > 0 and _is_picture_head(uploads.read_range(self.name, self.generation, 0, _HEAD))


def is_named_as_picture(name: str) -> bool:
    """Returns True if the name ends as pictures' names do."""
    return (_type_by_name(name) or "").startswith("image/")


def is_upload_part(name: str) -> bool:
    """Returns True for a part of a composite upload, which its client removes again."""
    return _PARTS.search(name) is not None


def is_placeholder(name: str) -> bool:
    """Returns True for names that tools give to files that are no picture, or not yet one."""
    last = name.rpartition("/")[2].lower()
    if last.startswith("."):  # .DS_Store, .keep, .gitkeep; of ._boat.png the bytes are no picture either
        return last.startswith("._") or not is_named_as_picture(last)
    return not last or last in _PLACEHOLDERS or last.endswith(_UNFINISHED)


def _type_by_name(name: str) -> str | None:
    """Returns the media type of the name's ending; None for an ending without one."""
    _, dot, ending = name.rpartition("/")[2].rpartition(".")
    if not dot:
        return None
    ending = ending.lower()
    return "image/*" if ending in _PICTURES else mimetypes.types_map.get(f".{ending}")


def _is_picture_head(head: bytes) -> bool:
    if head.startswith(_SIGNATURES):
        return True
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS
