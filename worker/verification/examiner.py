"""The examination of a file by itself: its watermark, its credentials and its encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from functions.contract.clips import SAMPLED
from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, png_chunks
from functions.contract.verification import FramesSeen
from worker.clips.clip_reader import is_clip, read_frames, sample_frames
from worker.credentials.credentials_reader import CredentialsReport, TrustAnchors, read_credentials
from worker.pictures.decode import decode_picture
from worker.pictures.media_type import media_type
from worker.pictures.png_writer import png_chunk
from worker.verification.encoder_traces import FileEncoder, identify_encoder
from worker.watermark import Watermarker
from worker.watermark.detector import Effort


@dataclass(frozen=True)
class DetectedMark:
    """A detected watermark, and the version of the key that read it; ``score`` is the detection's, 0–1.

    The picture was mirrored if ``flipped``, and then turned clockwise by ``turned``: 0, 90, 180 or 270
    degrees.
    """

    payload: int
    key_version: int
    score: float
    flipped: bool
    turned: int = 0


@dataclass(frozen=True)
class Examination:
    """The evidence of one file.

    ``readable``: True if the pixels could be decoded; credentials may be readable without them. ``damaged``:
    True if the file's own checksums do not match. ``frames``: of a clip, those that were looked at.
    """

    mark: DetectedMark | None
    credentials: CredentialsReport
    encoder: FileEncoder
    readable: bool = True
    damaged: bool = False
    frames: FramesSeen | None = None

    @property
    def payload(self) -> str | None:
        """The mark's payload as 16 hexadecimal digits; without a mark, the payload in our own credentials."""
        if self.mark is not None:
            return f"{self.mark.payload:016x}"
        soft_binding = self.credentials.soft_binding
        holds = self.credentials.signature_valid and self.credentials.by_us
        return soft_binding.payload if soft_binding is not None and holds else None


class Examiner:
    """Examines files.

    Args:
        markers: one for each known version of the key, the present one first.
        trust: the trusted roots; None leaves the trust in signers open.
    """

    def __init__(self, markers: Sequence[Watermarker], trust: TrustAnchors | None) -> None:
        self._markers = tuple(markers)
        self._trust = trust

    def examine(self, data: bytes) -> Examination:
        """Examines a file's bytes.

        If the pixels cannot be decoded, the credentials alone are examined: one changed byte can make a PNG
        undecodable. Raises ImageUnreadable if there are no credentials either, ImageTooLarge and
        UnsupportedSize.
        """
        try:
            if is_clip(data):
                return self._examine_clip(data)
            return self.examine_decoded(data, decode_picture(data).rgb)
        except ImageUnreadable as error:
            return self._examine_damaged(data, error)

    def _examine_damaged(self, data: bytes, error: ImageUnreadable) -> Examination:
        try:
            mended = decode_picture(_repair_checksums(data, error)).rgb
        except ImageUnreadable:
            credentials = read_credentials(data, media_type(data), trust=self._trust)
            if not credentials.present:
                raise
            return Examination(None, credentials, "unknown", readable=False, damaged=True)
        return replace(self.examine_decoded(data, mended), damaged=True)

    def examine_decoded(self, data: bytes, rgb: np.ndarray) -> Examination:
        """Examines a file's bytes and its decoded pixels, float32 (H, W, 3) in 0–1."""
        credentials = read_credentials(data, media_type(data), trust=self._trust)
        return Examination(self._detect_mark(rgb), credentials, identify_encoder(data))

    def _examine_clip(self, data: bytes) -> Examination:
        """Examines ten of a clip's frames as they are; where none shows a mark, the first one thoroughly."""
        found = [self._detect_mark(frame, "whole") for frame in sample_frames(data, SAMPLED)]
        marks = [mark for mark in found if mark is not None]
        if not marks:
            thorough = self._detect_mark(next(read_frames(data)))
            marks = [thorough] if thorough is not None else []
        payloads = Counter(mark.payload for mark in marks)
        of_most = [mark for mark in marks if mark.payload == max(payloads, key=lambda each: payloads[each])]
        return Examination(
            max(of_most, key=lambda mark: mark.score, default=None),
            read_credentials(data, media_type(data), trust=self._trust),
            "unknown",
            frames=FramesSeen(sampled=len(found), marked=len(of_most)),
        )

    def _detect_mark(self, rgb: np.ndarray, effort: Effort = "search") -> DetectedMark | None:
        # Most pictures are whole, and a search takes long: each key reads the whole before any key searches.
        efforts: tuple[Effort, ...] = ("whole", effort) if len(self._markers) > 1 else (effort,)
        for tried, marker in product(dict.fromkeys(efforts), self._markers):
            found = marker.detect(rgb, tried)
            if found.payload is not None:
                return DetectedMark(found.payload, marker.version, found.score, found.flipped, found.turned)
        return None


def _repair_checksums(data: bytes, error: ImageUnreadable) -> bytes:
    """Returns a PNG with corrected checksums, as its pixels may be intact. Raises ``error`` otherwise."""
    if not data.startswith(PNG_SIGNATURE):
        raise error
    return b"".join([PNG_SIGNATURE, *(png_chunk(name, bytes(body)) for name, body, _ in png_chunks(data))])
