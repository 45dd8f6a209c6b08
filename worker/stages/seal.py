"""Seal: the finished file, in the format and bit depth that were asked for. Nothing touches it afterwards."""

from __future__ import annotations

from worker.pictures.encode import encode
from worker.stages.work import Work


def seal(work: Work) -> Work:
    """Raises UnsupportedFormat."""
    for picture in work.pictures:
        picture.data = encode(picture.rgb, work.request.format, work.request.bit_depth)
    return work
