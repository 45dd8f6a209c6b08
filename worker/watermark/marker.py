"""The watermarker: one key, what it writes, what it finds, and the proof that what leaves can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worker.pictures.levels import Levels, plain, quantize

from .canonical import Pixels, canonical, resized
from .carriers import SCHEME, carriers
from .code import encode
from .detector import Detection, detect
from .embedder import embed
from .jpeg import through_jpeg
from .perception import plainness

PSNR = 43.0
# Decibels: fainter where a plain picture would show it, stronger only where the usual cannot be read back.
FAINTER, STRONGER = (49.0, 46.0, 44.5), 41.0
PLAIN = 0.5  # the share of a picture that is flat
# Pieces: their share of the area, and where they begin, in shares of the sides: where none of the tile does.
PIECES = {
    "piece-50": (0.5, (0.13, 0.07)),
    "piece-25": (0.25, (0.13, 0.37)),
    "another-piece-25": (0.25, (0.41, 0.09)),
}
# A score below this is read by a hair: the next encoder's rounding is enough to lose it.
CLEARLY = 0.66
# Of a piece as small as this it is enough that it is read.
SMALL = {name for name, (share, _) in PIECES.items() if share < 0.5}


@dataclass(frozen=True)
class ReadBack:
    """The proof of a mark.

    ``exact``: the payload was read from the picture as it is and from its JPEG of quality 75; ``robust``:
    also from two pieces of a quarter, and clearly from its JPEG of quality 50, its half size, both at once,
    and a piece of half its area. ``survives`` names all that it was read after; ``score`` is the
    detection's on the picture as it is, 0–1.
    """

    score: float
    exact: bool
    robust: bool
    survives: tuple[str, ...]


@dataclass(frozen=True)
class Marked:
    """A marked picture, the strength that it took, and the proof. ``rgb`` is not rounded to levels."""

    rgb: Pixels
    psnr: float
    proof: ReadBack


class Watermarker:
    """Writes and reads 64-bit payloads with one key.

    Args:
        key: 32 secret bytes; whoever has them can read, write and remove the marks.
        version: the key's version, recorded beside every payload.
        device: where torch does the arithmetic on all pixels of a picture that is marked, such as "cuda";
            None: without torch. Both give the same marks, to the precision of floats.
    """

    scheme = SCHEME

    def __init__(self, key: bytes, version: int, device: str | None = None) -> None:
        self.version = version
        self._device = device
        self._carriers = carriers(key)

    def mark(self, rgb: Pixels, payload: int) -> Marked:
        """sRGB (H, W, 3) in 0–1 marked as faintly as is robust; as strongly as is allowed where nothing is.

        Whether that may leave ``proof.exact`` says.
        """
        marked = (self._marked(rgb, payload, psnr) for psnr in self.strengths(rgb))
        found = next(marked)
        while not found.proof.robust and (stronger := next(marked, None)):
            found = stronger
        return found

    def _marked(self, rgb: Pixels, payload: int, psnr: float) -> Marked:
        marked = self.embed(rgb, payload, psnr)
        return Marked(marked, psnr, self.read_back(marked, payload))

    def strengths(self, rgb: Pixels) -> tuple[float, ...]:
        """The decibels that are tried for a picture, the faintest first."""
        fainter = FAINTER if plainness(canonical(rgb)) > PLAIN else ()
        return (*fainter, PSNR, STRONGER)

    def embed(self, rgb: Pixels, payload: int, psnr: float = PSNR) -> Pixels:
        """A copy of sRGB (H, W, 3) in 0–1 that carries ``payload`` (0 to 2⁶⁴−1), not rounded to levels.

        ``psnr``: decibels between the two; more is fainter and survives less.
        """
        code = encode(payload, self._carriers.scramble)
        if self._device is None:
            return embed(rgb, code, self._carriers, psnr)
        from . import device  # brings torch

        return device.embed(rgb, code, self._carriers, psnr, self._device)

    def detect(self, rgb: Pixels) -> Detection:
        """This key's mark in sRGB (H, W, 3) in 0–1, whatever was done to the picture."""
        return detect(rgb, self._carriers)

    def read_back(self, rgb: Pixels, payload: int) -> ReadBack:
        """Reads ``payload`` from a marked picture as it is and as it will be once it has been shared."""
        levels = quantize(rgb, 8)
        seen = {name: self._score(copy, payload, levels) for name, copy in _shared(rgb, levels)}
        # What a stronger compression left is there after a weaker one.
        if not seen["jpeg-50"]:
            seen["jpeg-75"] = self._score(through_jpeg(levels, 75), payload, levels)
        survives = tuple(name for name, score in seen.items() if score)
        exact = "none" in survives and not {"jpeg-50", "jpeg-75"}.isdisjoint(survives)
        clear = all(score >= CLEARLY or (score > 0 and name in SMALL) for name, score in seen.items())
        return ReadBack(seen["none"], exact, exact and clear, survives)

    def _score(self, copy: Levels, payload: int, whole: Levels) -> float:
        """How clearly the payload is read from a copy, or a piece, of the whole; 0 where it is not."""
        found = detect(plain(copy), self._carriers, "pieces", (min(whole.shape[:2]),))
        return found.score if found.payload == payload else 0.0


def _shared(rgb: Pixels, levels: Levels) -> Iterator[tuple[str, Levels]]:
    """What pictures go through outside."""
    height, width = levels.shape[:2]
    half = quantize(resized(rgb, width // 2, height // 2), 8)
    yield "none", levels
    yield "jpeg-50", through_jpeg(levels, 50)
    yield "half-size", half
    yield "half-size-jpeg-50", through_jpeg(half, 50)
    for name, (keep, (down, across)) in PIECES.items():
        top, left = round(height * down), round(width * across)
        side = keep**0.5
        yield name, levels[top : top + round(height * side), left : left + round(width * side)]
