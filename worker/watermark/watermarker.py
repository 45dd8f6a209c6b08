"""The watermarker: it embeds and detects marks with one key, and chooses the embedding strength.

Every texture can be marked. Each step is tried only if the ones before did not suffice:

1. the spread-spectrum mark, from faint to strong: it survives everything that happens to shared pictures;
2. the same mark, made for compression alone;
3. a mark in cell means, which no texture drowns: it survives compression, or can at least be read exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import cell_means
from worker.watermark.canonical_view import Luma, Pixels, to_canonical_view
from worker.watermark.carriers import SCHEME, derive_carriers
from worker.watermark.cell_means import STEPS, has_room
from worker.watermark.convolutional_code import encode_payload
from worker.watermark.copy_reader import LumaCopyReader
from worker.watermark.detector import Effort, WatermarkDetection, detect_watermark
from worker.watermark.embedder import embed_codeword
from worker.watermark.informed_embedding import COMPRESSED, SHARED, EmbeddingAim
from worker.watermark.read_back import PIECES, ReadBack, copy_levels, read_back_if_robust, read_back_payload
from worker.watermark.visibility import is_visible
from worker.watermark.visual_masking import flat_share, has_dark_flats

PSNR = 43.0
# Decibels: fainter ones for plain pictures, in which a mark shows; the stronger if PSNR cannot be read back.
FAINTER, STRONGER = (49.0, 46.0, 44.5), 41.0
PLAIN = 0.5  # the share of a picture that is flat
# What is tried if the mark does not survive a JPEG of quality 75, as long as it is invisible.
FOR_COMPRESSION = (STRONGER, 38.5, 36.0)
STEPS_FOR_COMPRESSION = (1.0, 2.0, 4.0)
# The scheme of the mark in cell means.
MEANS_SCHEME = "plantain-m1"

# Gives the pixels in 0–1 that a picture's file will have.
AsDelivered = Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class MarkedPicture:
    """A marked picture, its embedding strength and the proof. ``rgb`` is not rounded to levels.

    ``psnr``: the requested decibels; for a mark in cell means the measured ones.
    """

    rgb: Pixels
    psnr: float
    proof: ReadBack
    scheme: str = SCHEME


def round_to_eight_bits(rgb: Pixels) -> Pixels:
    """Returns the picture as a lossless file of 8 bits has it."""
    return levels_to_floats(quantize(rgb, 8))


class Watermarker:
    """Embeds and detects 64-bit payloads with one key.

    Args:
        key: 32 secret bytes. The holder can read, write and remove the marks.
        version: the key's version, recorded beside every payload.
        device: the torch device for the arithmetic on all pixels, such as "cuda"; None does it without torch.
            Both give the same marks, to the precision of floats.
    """

    scheme = SCHEME

    def __init__(self, key: bytes, version: int, device: str | None = None) -> None:
        self.version = version
        self._device = device
        self.carriers = derive_carriers(key)

    def mark(
        self,
        rgb: Pixels,
        payload: int,
        as_delivered: AsDelivered = round_to_eight_bits,
        *,
        may_be_seen: bool = True,
    ) -> MarkedPicture:
        """Marks sRGB (H, W, 3) in 0–1.

        Tries strengths from faint to strong and returns the first robust one, else the strongest, or another
        kind of mark where that survives no compression. Check ``proof.exact`` before delivering the picture:
        it is true for all of 312 pixels and more, unless the file is a poor one and ``may_be_seen`` is False.

        Args:
            payload: 0 to 2⁶⁴−1.
            as_delivered: gives the pixels as the file will have them; every mark is read back from these.
            may_be_seen: whether a mark that is seen is taken where no other is read.
        """
        luma = to_canonical_view(rgb)
        dark = has_dark_flats(luma)
        aim = replace(SHARED, hidden=dark)
        *fainter, strongest = tried_strengths(luma)
        for psnr in fainter:
            marked = self.embed(rgb, payload, psnr, aim)
            proof = read_back_if_robust(payload, LumaCopyReader(as_delivered(marked), self.carriers).read)
            if proof is not None and proof.robust:
                return MarkedPicture(marked, psnr, proof)
        found = self._embed_and_prove(rgb, payload, strongest, aim, as_delivered)
        if found.proof.compressed:
            return found
        return self._mark_less_robustly(rgb, payload, as_delivered, found, dark=dark, may_be_seen=may_be_seen)

    def prove(self, marked: MarkedPicture, payload: int, as_delivered: AsDelivered) -> MarkedPicture:
        """Returns the same marked picture with the proof of another file of it."""
        delivered = as_delivered(marked.rgb)
        read = self.read_back_cells if marked.scheme == MEANS_SCHEME else self.read_back
        return replace(marked, proof=read(delivered, payload))

    def embed(self, rgb: Pixels, payload: int, psnr: float = PSNR, aim: EmbeddingAim = SHARED) -> Pixels:
        """Returns a copy of sRGB (H, W, 3) in 0–1 that carries ``payload`` (0 to 2⁶⁴−1), not rounded.

        ``psnr``: decibels between the two; a higher value is fainter and survives less.
        """
        code = encode_payload(payload, self.carriers.scramble)
        if self._device is None:
            return embed_codeword(rgb, code, self.carriers, psnr, aim)
        from worker.watermark import torch_embedder  # brings torch

        return torch_embedder.embed_in_torch(rgb, code, self.carriers, psnr, self._device, aim)

    def detect(self, rgb: Pixels, effort: Effort = "search") -> WatermarkDetection:
        """Detects this key's mark in sRGB (H, W, 3) in 0–1, also in a picture that was changed."""
        return detect_watermark(rgb, self.carriers, effort)

    def read_back(self, rgb: Pixels, payload: int) -> ReadBack:
        """Reads ``payload`` from a marked picture as it is, and as it will be after it was shared."""
        return read_back_payload(payload, LumaCopyReader(rgb, self.carriers).read)

    def _embed_and_prove(
        self, rgb: Pixels, payload: int, psnr: float, aim: EmbeddingAim, as_delivered: AsDelivered
    ) -> MarkedPicture:
        marked = self.embed(rgb, payload, psnr, aim)
        return MarkedPicture(marked, psnr, self.read_back(as_delivered(marked), payload))

    def _mark_less_robustly(
        self,
        rgb: Pixels,
        payload: int,
        as_delivered: AsDelivered,
        last: MarkedPicture,
        *,
        dark: bool,
        may_be_seen: bool,
    ) -> MarkedPicture:
        """Returns the first invisible mark that survives compression, else the exact one surviving most."""
        tried = [last]
        for marked in self._mark_for_compression(rgb, payload, as_delivered, dark=dark):
            if marked.proof.compressed and not _is_visible(rgb, marked):
                return marked
            tried.append(marked)
        for marked in sorted(tried, key=lambda each: -len(each.proof.survives)):
            if marked.proof.exact and not _is_visible(rgb, marked):
                return marked
        for step in STEPS if may_be_seen and has_room(*rgb.shape[:2]) else ():
            marked = self._mark_in_cells(rgb, payload, step, as_delivered)
            if marked.proof.exact:
                return marked
        return replace(last, proof=ReadBack(0.0, None, ()))

    def _mark_for_compression(
        self, rgb: Pixels, payload: int, as_delivered: AsDelivered, *, dark: bool
    ) -> Iterator[MarkedPicture]:
        for psnr in FOR_COMPRESSION:
            yield self._embed_and_prove(rgb, payload, psnr, replace(COMPRESSED, hidden=dark), as_delivered)
        for step in STEPS_FOR_COMPRESSION if has_room(*rgb.shape[:2]) else ():
            yield self._mark_in_cells(rgb, payload, step, as_delivered)

    def _mark_in_cells(
        self, rgb: Pixels, payload: int, step: float, as_delivered: AsDelivered
    ) -> MarkedPicture:
        code = encode_payload(payload, self.carriers.scramble)
        marked = cell_means.embed_in_cells(rgb, code, self.carriers, step, as_delivered)
        proof = self.read_back_cells(as_delivered(marked), payload)
        return MarkedPicture(marked, _psnr_between(rgb, marked), proof, MEANS_SCHEME)

    def read_back_cells(self, rgb: Pixels, payload: int) -> ReadBack:
        """Does what ``read_back`` does for a mark in cell means."""
        levels = quantize(rgb, 8)

        def read(names: Sequence[str]) -> list[tuple[int, float] | None]:
            return [
                None  # cells are shares of the whole picture
                if name in PIECES
                else cell_means.read_upright_cells(levels_to_floats(copy_levels(levels, name)), self.carriers)
                for name in names
            ]

        return read_back_payload(payload, read)


def tried_strengths(luma: Luma) -> tuple[float, ...]:
    """Returns the decibels that are tried for a picture with this canonical view, the faintest first."""
    fainter = FAINTER if flat_share(luma) > PLAIN else ()
    return (*fainter, PSNR, STRONGER)


def _is_visible(rgb: Pixels, marked: MarkedPicture) -> bool:
    return is_visible(quantize(rgb, 8), quantize(marked.rgb, 8))


def _psnr_between(one: Pixels, other: Pixels) -> float:
    return round(float(-10 * np.log10(max(np.mean(np.square(one - other)), 1e-10))), 2)
