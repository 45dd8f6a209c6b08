"""The reader of clips: the frames of an MP4 (H.264) or an animated WebP, decoded one after the other.

Anybody's file may come here, to be verified. FFmpeg is shown nothing but MP4 with H.264, and decodes at most
``MOST_FRAMES`` frames of at most ``MOST_PIXELS``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from functions.contract.clips import MOST_FRAMES, MOST_PIXELS
from functions.contract.errors import ImageTooLarge, ImageUnreadable
from functions.contract.pictures import damage_typed, format_of, open_source
from worker.pictures.pixel_levels import Floats, levels_to_floats


def is_clip(data: bytes) -> bool:
    """Returns True for an MP4, and for a WebP of several pictures."""
    found = format_of(data)
    return found == "mp4" or (found == "webp" and open_source(data).animated)


def read_frames(data: bytes) -> Generator[Floats]:
    """Yields the first MOST_FRAMES frames of a clip: sRGB, float32 (H, W, 3) in 0–1.

    Raises ImageUnreadable for a file that is damaged or holds something else, and ImageTooLarge.
    """
    levels = _mp4_levels(data) if format_of(data) == "mp4" else _webp_levels(data)
    return (levels_to_floats(each) for each in levels)


def sample_frames(data: bytes, most: int) -> Iterator[Floats]:
    """Yields at most ``most`` frames, spread evenly over the clip, the first one among them."""
    total = min(MOST_FRAMES, _count_frames(data))
    wanted = {n * total // most for n in range(most)}
    with closing(read_frames(data)) as frames:
        for n, frame in enumerate(frames):
            if n in wanted:
                yield frame


def _count_frames(data: bytes) -> int:
    """Returns the number of frames that the file states."""
    if format_of(data) == "webp":
        with damage_typed(), Image.open(BytesIO(data), formats=["WEBP"]) as picture:
            return getattr(picture, "n_frames", 1)
    with _open_mp4(data) as container:
        return _video_stream(container).frames or MOST_FRAMES


def _mp4_levels(data: bytes) -> Iterator[np.ndarray]:
    from av.error import FFmpegError

    with _open_mp4(data) as container:
        stream = _video_stream(container)
        try:
            for n, frame in enumerate(container.decode(stream)):
                if n == MOST_FRAMES:
                    return
                _check_area(frame.width, frame.height)
                yield frame.to_ndarray(format="rgb24")
        except (FFmpegError, ValueError) as damage:
            raise _damaged() from damage


def _webp_levels(data: bytes) -> Iterator[np.ndarray]:
    with damage_typed(), Image.open(BytesIO(data), formats=["WEBP"]) as picture:
        _check_area(*picture.size)
        for n, frame in enumerate(ImageSequence.Iterator(picture)):
            if n == MOST_FRAMES:
                return
            yield np.asarray(frame.convert("RGB"))


def _open_mp4(data: bytes) -> Any:
    import av
    from av.error import FFmpegError

    try:
        return av.open(BytesIO(data), "r", format="mov")
    except (FFmpegError, ValueError) as damage:
        raise _damaged() from damage


def _video_stream(container: Any) -> Any:
    stream = next(iter(container.streams.video), None)
    codec = stream and stream.codec_context  # None where FFmpeg knows no decoder
    if codec is None or codec.name != "h264":
        raise ImageUnreadable("Of videos, MP4 with H.264 is read: convert it.")
    _check_area(codec.width, codec.height)
    return stream


def _check_area(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ImageTooLarge(f"A frame has {width}×{height} pixels: at most {MOST_PIXELS} are taken.")


def _damaged() -> ImageUnreadable:
    return ImageUnreadable("The clip is damaged and cannot be decoded: save it anew.")
