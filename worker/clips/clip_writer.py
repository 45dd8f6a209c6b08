"""The writer of clips: H.264 in MP4, or animated WebP, by PyAV, which brings FFmpeg's libraries.

Frames go in one by one. H.264 holds ``_LOOKAHEAD`` of them as YUV; WebP holds the compressed ones.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from functions.contract.errors import UnsupportedTask
from worker.pictures.pixel_levels import Floats, quantize

_LOOKAHEAD = 20  # frames that x264 looks ahead: each takes 1.5 bytes a pixel
_MOST_BITS = 38_000_000  # in a second: a clip of 8 s stays below 50 MB, and few clips come near
_H264_OPTIONS = {
    "crf": "18",  # x264 is taken to lose nothing that is seen: https://trac.ffmpeg.org/wiki/Encode/H.264
    "maxrate": str(_MOST_BITS),
    "bufsize": str(_MOST_BITS),
    "preset": "medium",
    "profile": "high",
    "rc-lookahead": str(_LOOKAHEAD),
    "threads": "1",  # with more of them a bounded rate makes another file each time
    # Otherwise x264 chooses its functions by the processor. With AVX-512 one of ten narrow clips differs.
    "x264-params": "cpu-independent=1",
}
_WEBP_OPTIONS = {"quality": "90", "compression_level": "4"}  # as a still WebP
_BT709 = 1  # of ISO/IEC 23091-2: primaries, transfer and matrix; sRGB players take it so
_TV_RANGE = 1


class ClipWriter:
    """Encodes frames of one size into a file. As a context manager it removes its temporary file.

    Args:
        format: ``mp4`` or ``webp``.
        width, height: in pixels, both even.
        fps: frames in a second.

    Raises UnsupportedTask where PyAV is not installed: a worker that makes pictures alone does without it.
    """

    def __init__(self, format: str, width: int, height: int, fps: int) -> None:
        try:
            import av
        except ModuleNotFoundError:
            raise UnsupportedTask("This worker makes no clips: PyAV (`av`) is not installed.") from None

        self._folder = tempfile.TemporaryDirectory(prefix="plantain-clip-")
        self._path = Path(self._folder.name) / f"clip.{format}"
        self._container = av.open(self._path, "w", format=format, options=_container_options(format))
        options = _H264_OPTIONS if format == "mp4" else _WEBP_OPTIONS
        self._stream: Any = self._container.add_stream(
            "libx264" if format == "mp4" else "libwebp_anim", rate=fps, options=options
        )
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p" if format == "mp4" else "bgra"
        if format == "mp4":
            _describe_colours(self._stream.codec_context)
        self._time_base = Fraction(1, fps)
        self._is_mp4 = format == "mp4"
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()
        self._folder.cleanup()

    def write(self, rgb: Floats) -> None:
        """Adds a frame, sRGB (height, width, 3) in 0–1."""
        from av import VideoFrame

        frame = VideoFrame.from_ndarray(np.asarray(quantize(rgb, 8), np.uint8), format="rgb24")
        if self._is_mp4:
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG"
            )
        frame.pts, frame.time_base = self._written, self._time_base
        self._written += 1
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> bytes:
        """Returns the file. No more frames can be written."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._path.read_bytes()


def _container_options(format: str) -> dict[str, str]:
    """Returns options: an MP4's index comes first, so that it plays while it arrives; a WebP repeats."""
    return {"movflags": "+faststart"} if format == "mp4" else {"loop": "0"}


def _describe_colours(codec: Any) -> None:
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = _TV_RANGE
