"""Examination: what a file says by itself, without asking anybody: its mark, its credentials, its hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, png_chunks
from worker.credentials.credentials_reader import CredentialsReport, TrustAnchors, read_credentials
from worker.pictures.decode import decode_picture
from worker.pictures.media_type import media_type
from worker.pictures.png_writer import png_chunk
from worker.verification.encoder_traces import FileEncoder, identify_encoder
from worker.watermark import Watermarker


@dataclass(frozen=True)
class DetectedMark:
    """The invisible mark, and the version of the key that read it; ``score`` is the detection's, 0–1.

    The picture was mirrored if ``flipped``, and then ``turned`` clockwise by 0, 90, 180 or 270 degrees.
    """

    payload: int
    key_version: int
    score: float
    flipped: bool
    turned: int = 0


@dataclass(frozen=True)
class Examination:
    """What was found.

    ``readable``: whether the pixels could be decoded; credentials may be read even where they cannot.
    ``damaged``: whether the file's own checksums say that it is not what was written.
    """

    mark: DetectedMark | None
    credentials: CredentialsReport
    encoder: FileEncoder
    readable: bool = True
    damaged: bool = False

    @property
    def payload(self) -> str | None:
        """The mark's, as 16 hexadecimal digits; else what credentials that hold say of it."""
        if self.mark is not None:
            return f"{self.mark.payload:016x}"
        said = self.credentials.soft_binding
        holds = self.credentials.signature_valid and self.credentials.by_us
        return said.payload if said is not None and holds else None


class Examiner:
    """Looks at files.

    Args:
        markers: one for each version of the key that is known, the present one first.
        trust: whose signatures are believed; None leaves that open.
    """

    def __init__(self, markers: Sequence[Watermarker], trust: TrustAnchors | None) -> None:
        self._markers = tuple(markers)
        self._trust = trust

    def examine(self, data: bytes) -> Examination:
        """What a file's bytes say.

        Pixels that cannot be decoded are no error where there are credentials to read: one changed byte does
        that to a PNG. Raises ImageUnreadable otherwise, ImageTooLarge and UnsupportedSize.
        """
        try:
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
        """What a file's bytes and its decoded pixels, float32 (H, W, 3) in 0–1, say."""
        credentials = read_credentials(data, media_type(data), trust=self._trust)
        return Examination(self._detect_mark(rgb), credentials, identify_encoder(data))

    def _detect_mark(self, rgb: np.ndarray) -> DetectedMark | None:
        for marker in self._markers:
            found = marker.detect(rgb)
            if found.payload is not None:
                return DetectedMark(found.payload, marker.version, found.score, found.flipped, found.turned)
        return None


def _repair_checksums(data: bytes, error: ImageUnreadable) -> bytes:
    """A PNG whose pixels may be whole although a checksum is not. Raises ``error`` for other formats."""
    if not data.startswith(PNG_SIGNATURE):
        raise error
    return b"".join([PNG_SIGNATURE, *(png_chunk(name, bytes(body)) for name, body, _ in png_chunks(data))])
