"""MP4: the size of its video, from its boxes alone. Nothing is decoded: a worker does that, for `verify`.

ISO/IEC 14496-12 (boxes) and 14496-15 (H.264 in them).
"""

from __future__ import annotations

from ..clips import MOST_PIXELS
from ..errors import ImageUnreadable
from .facts import PictureFacts
from .iso_media_boxes import MAX_BOXES, iter_boxes
from .limits import check_size, damage_typed

_MEDIA = frozenset({b"mdat", b"free", b"skip"})
_WAY = (b"moov", b"trak", b"mdia", b"minf", b"stbl")  # to the description of a track's samples
_ENTRIES_AT = 8  # in the description, behind its version and the number of entries
_SIZE_AT = 24  # in the entry of a video


def inspect_clip(data: bytes) -> PictureFacts:
    """Returns the facts of an MP4 with H.264.

    Raises ImageUnreadable for another video or damaged boxes, ImageTooLarge and UnsupportedSize.
    """
    with damage_typed():
        size = _video_size(data, 0, len(data), list(_WAY), [MAX_BOXES])
        if size is None:
            raise ImageUnreadable("Of videos, MP4 with H.264 is read: convert it.")
        check_size(*size, MOST_PIXELS)
        return PictureFacts("mp4", "video/mp4", *size, animated=True, bit_depth=8, has_alpha=False)


def _video_size(data: bytes, at: int, end: int, way: list[bytes], left: list[int]) -> tuple[int, int] | None:
    """Returns the width and height of the first track that is H.264, below the boxes that ``way`` names."""
    for kind, body, _ in iter_boxes(data, at, end, left, _MEDIA):
        if way and kind == way[0]:
            size = _video_size(body, 0, len(body), way[1:], left)
        elif not way and kind == b"stsd":
            size = _entry_size(body, left)
        else:
            continue
        if size is not None:
            return size
    return None


def _entry_size(body: bytes, left: list[int]) -> tuple[int, int] | None:
    for kind, entry, _ in iter_boxes(body, _ENTRIES_AT, len(body), left, _MEDIA):
        if kind in (b"avc1", b"avc3"):
            return int.from_bytes(entry[_SIZE_AT : _SIZE_AT + 2]), int.from_bytes(
                entry[_SIZE_AT + 2 : _SIZE_AT + 4]
            )
    return None
