"""The watermarker: one key, what it writes, what it finds, and the ladder of strengths that it goes up.

No picture is lost for its texture. The rungs, each taken only where those before did not suffice:

1. the usual mark, from faint to strong: it survives all that pictures go through;
2. the same, made for compression alone;
3. a mark in the means of cells, which no texture drowns: it survives compression, and at least it is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from worker.pictures.pixel_levels import plain, quantize
from worker.watermark import cell_means
from worker.watermark.canonical_view import Pixels, canonical
from worker.watermark.carriers import SCHEME, carriers
from worker.watermark.cell_means import STEPS, has_room
from worker.watermark.convolutional_code import encode
from worker.watermark.detector import Detection, detect, read_upright
from worker.watermark.embedder import embed
from worker.watermark.informed_embedding import COMPRESSED, SHARED, Aim
from worker.watermark.read_back import ReadBack, read_back
from worker.watermark.visibility import is_seen
from worker.watermark.visual_masking import has_dark_flats, plainness

PSNR = 43.0
# Decibels: fainter where a plain picture would show it, stronger only where the usual cannot be read back.
FAINTER, STRONGER = (49.0, 46.0, 44.5), 41.0
PLAIN = 0.5  # the share of a picture that is flat
# What is tried where no JPEG of 75 leaves a mark of that, as long as it is not seen: texture hides much.
FOR_COMPRESSION = (STRONGER, 38.5, 36.0)
STEPS_FOR_COMPRESSION = (1.0, 2.0, 4.0)
# The other mark's name: another arrangement, read beside the usual one.
MEANS_SCHEME = "plantain-m1"

# The pixels in 0–1 that a picture's file will have.
Written = Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class Marked:
    """A marked picture, the strength that it took, and the proof. ``rgb`` is not rounded to levels.

    ``psnr``: the decibels that were asked for; of a mark in the means those that it came to.
    """

    rgb: Pixels
    psnr: float
    proof: ReadBack
    scheme: str = SCHEME


def eight_bits(rgb: Pixels) -> Pixels:
    """What a lossless file of 8 bits has of a picture."""
    return plain(quantize(rgb, 8))


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
        self.carriers = carriers(key)

    def mark(self, rgb: Pixels, payload: int, written: Written = eight_bits) -> Marked:
        """Marks sRGB (H, W, 3) in 0–1 as faintly as is robust, or else so that the most is survived.

        ``written`` gives the picture as its file will have it, from which a mark that survives no JPEG is
        read. Only where ``proof.exact`` is true may the picture leave: it is for all of 312 pixels and more.
        """
        dark = has_dark_flats(canonical(rgb))
        rungs = (
            self._marked(rgb, payload, psnr, replace(SHARED, hidden=dark)) for psnr in self.strengths(rgb)
        )
        found = next(rungs)
        while not found.proof.robust and (stronger := next(rungs, None)):
            found = stronger if stronger.proof.rank >= found.proof.rank else found
        if found.proof.compressed:
            return found
        return self._less_robust(rgb, payload, written, found, dark=dark)

    def strengths(self, rgb: Pixels) -> tuple[float, ...]:
        """The decibels that are tried for a picture, the faintest first."""
        fainter = FAINTER if plainness(canonical(rgb)) > PLAIN else ()
        return (*fainter, PSNR, STRONGER)

    def embed(self, rgb: Pixels, payload: int, psnr: float = PSNR, aim: Aim = SHARED) -> Pixels:
        """A copy of sRGB (H, W, 3) in 0–1 that carries ``payload`` (0 to 2⁶⁴−1), not rounded to levels.

        ``psnr``: decibels between the two; more is fainter and survives less.
        """
        code = encode(payload, self.carriers.scramble)
        if self._device is None:
            return embed(rgb, code, self.carriers, psnr, aim)
        from worker.watermark import torch_embedder  # brings torch

        return torch_embedder.embed(rgb, code, self.carriers, psnr, self._device, aim)

    def detect(self, rgb: Pixels) -> Detection:
        """This key's mark in sRGB (H, W, 3) in 0–1, whatever was done to the picture."""
        return detect(rgb, self.carriers)

    def read_back(self, rgb: Pixels, payload: int) -> ReadBack:
        """Reads ``payload`` from a marked picture as it is and as it will be once it has been shared."""
        return read_back(rgb, payload, self._read_usual)

    def _marked(self, rgb: Pixels, payload: int, psnr: float, aim: Aim) -> Marked:
        marked = self.embed(rgb, payload, psnr, aim)
        return Marked(marked, psnr, self.read_back(marked, payload))

    def _less_robust(
        self, rgb: Pixels, payload: int, written: Written, last: Marked, *, dark: bool
    ) -> Marked:
        """The first that survives compression and is not seen; else what survives the most and is exact."""
        tried = [last]
        for marked in self._for_compression(rgb, payload, written, dark=dark):
            if marked.proof.compressed and not _is_seen(rgb, marked):
                return marked
            tried.append(marked)
        for marked in sorted(tried, key=lambda each: -len(each.proof.survives)):
            if self._is_exact(marked, payload, written) and not _is_seen(rgb, marked):
                return marked
        for step in STEPS if has_room(*rgb.shape[:2]) else ():
            marked = self._in_means(rgb, payload, step, written)
            if marked.proof.exact:
                return marked
        return replace(last, proof=ReadBack(0.0, None, ()))

    def _for_compression(
        self, rgb: Pixels, payload: int, written: Written, *, dark: bool
    ) -> Iterator[Marked]:
        for psnr in FOR_COMPRESSION:
            yield self._marked(rgb, payload, psnr, replace(COMPRESSED, hidden=dark))
        for step in STEPS_FOR_COMPRESSION if has_room(*rgb.shape[:2]) else ():
            yield self._in_means(rgb, payload, step, written)

    def _in_means(self, rgb: Pixels, payload: int, step: float, written: Written) -> Marked:
        code = encode(payload, self.carriers.scramble)
        marked = cell_means.embed(rgb, code, self.carriers, step, written)
        proof = read_back(written(marked), payload, self._read_means)
        return Marked(marked, _decibels(rgb, marked), proof, MEANS_SCHEME)

    def _read_means(self, rgb: Pixels, piece_of: int | None) -> tuple[int, float] | None:
        return cell_means.read_upright(rgb, self.carriers) if piece_of is None else None

    def _is_exact(self, marked: Marked, payload: int, written: Written) -> bool:
        """Whether the payload is read from the file."""
        if not marked.proof.exact:
            return False
        read = self._read_means if marked.scheme == MEANS_SCHEME else self._read_usual
        found = read(written(marked.rgb), None)
        return found is not None and found[0] == payload

    def _read_usual(self, rgb: Pixels, piece_of: int | None) -> tuple[int, float] | None:
        return read_upright(rgb, self.carriers, piece_of)


def _is_seen(rgb: Pixels, marked: Marked) -> bool:
    return is_seen(quantize(rgb, 8), quantize(marked.rgb, 8))


def _decibels(one: Pixels, other: Pixels) -> float:
    return round(float(-10 * np.log10(max(np.mean(np.square(one - other)), 1e-10))), 2)
