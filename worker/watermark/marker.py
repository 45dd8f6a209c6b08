"""The watermarker: one key, what it writes, what it finds, and the proof that what leaves can be read."""

from __future__ import annotations

from dataclasses import dataclass

from worker.pictures.levels import plain, quantize

from .canonical import Pixels, resized
from .carriers import SCHEME, carriers
from .code import encode
from .detector import Detection, detect
from .embedder import embed
from .jpeg import through_jpeg

PSNR = 43.0


@dataclass(frozen=True)
class ReadBack:
    """The proof of a mark.

    ``exact``: the payload was read from the picture as it is and from its JPEG of quality 75; ``survives``
    names all the attacks it was read after; ``score`` is the detection's on the picture as it is, 0–1.
    """

    score: float
    exact: bool
    survives: tuple[str, ...]


class Watermarker:
    """Writes and reads 64-bit payloads with one key.

    Args:
        key: 32 secret bytes; whoever has them can read, write and remove the marks.
        version: the key's version, recorded beside every payload.
    """

    scheme = SCHEME

    def __init__(self, key: bytes, version: int) -> None:
        self.version = version
        self._carriers = carriers(key)

    def embed(self, rgb: Pixels, payload: int, psnr: float = PSNR) -> Pixels:
        """A copy of sRGB (H, W, 3) in 0–1 that carries ``payload`` (0 to 2⁶⁴−1), not rounded to levels.

        ``psnr``: decibels between the two; more is fainter and survives less.
        """
        code = encode(payload, self._carriers.scramble)
        return embed(rgb, code, self._carriers, psnr)

    def detect(self, rgb: Pixels) -> Detection:
        """This key's mark in sRGB (H, W, 3) in 0–1: whole, mirrored, or a piece cut from it unscaled."""
        return detect(rgb, self._carriers)

    def read_back(self, rgb: Pixels, payload: int) -> ReadBack:
        """Reads ``payload`` from a marked picture as it is and as it will be once it has been shared."""
        levels = quantize(rgb, 8)
        half = quantize(resized(rgb, rgb.shape[1] // 2, rgb.shape[0] // 2), 8)
        shared = {
            "none": levels,
            "jpeg-75": through_jpeg(levels, 75),
            "half-size-jpeg-50": through_jpeg(half, 50),
        }
        seen = {name: detect(plain(copy), self._carriers, pieces=False) for name, copy in shared.items()}
        survives = tuple(name for name, detection in seen.items() if detection.payload == payload)
        return ReadBack(seen["none"].score, {"none", "jpeg-75"} <= set(survives), survives)
