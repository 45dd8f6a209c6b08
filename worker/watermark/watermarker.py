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

from worker.pictures.pixel_levels import Levels, levels_to_floats, quantize, to_bytes
from worker.watermark import cell_means
from worker.watermark.canonical_view import Luma, Pixels, to_canonical_view
from worker.watermark.carriers import SCHEME, Floats, derive_carriers
from worker.watermark.cell_means import STEPS, has_room
from worker.watermark.convolutional_code import encode_payload
from worker.watermark.copy_reader import LumaCopyReader
from worker.watermark.detector import Effort, WatermarkDetection, detect_watermark
from worker.watermark.embedder import add_pattern
from worker.watermark.informed_embedding import (
    COMPRESSED,
    SHARED,
    EmbeddingAim,
    InformedEmbedding,
    deviation_at,
)
from worker.watermark.prepared_view import PreparedView
from worker.watermark.read_back import (
    PIECES,
    CopyReader,
    ReadBack,
    copy_levels,
    read_back_if_robust,
    read_back_payload,
)
from worker.watermark.visibility import is_visible
from worker.watermark.visual_masking import VisualMasking

PSNR = 43.0
# Decibels: fainter ones for plain pictures, in which a mark shows; the stronger if PSNR cannot be read back.
FAINTER, STRONGER = (49.0, 46.0, 44.5), 41.0
STRENGTHS = (PSNR, STRONGER)
PLAIN = 0.5  # the share of a picture that is flat
# A strength is tried first if this score is foreseen: a proof's least is 0.66, and is mostly 0.03 higher.
LIKELY = 0.61
# What is tried if the mark does not survive a JPEG of quality 75, as long as it is invisible.
FOR_COMPRESSION = (STRONGER, 38.5, 36.0)
STEPS_FOR_COMPRESSION = (1.0, 2.0, 4.0)
# The scheme of the mark in cell means.
MEANS_SCHEME = "plantain-m1"

# Gives the levels (H, W, 3), of 8 or 16 bits, that the file of a picture in 0–1 will have.
AsDelivered = Callable[[Pixels], Levels]


@dataclass(frozen=True)
class MarkedPicture:
    """A marked picture, its embedding strength and the proof. ``rgb`` is not rounded to levels.

    ``psnr``: the requested decibels; for a mark in cell means the measured ones.
    """

    rgb: Pixels
    psnr: float
    proof: ReadBack
    scheme: str = SCHEME


def round_to_eight_bits(rgb: Pixels) -> Levels:
    """Returns the picture as a lossless file of 8 bits has it."""
    return quantize(rgb, 8)


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
            as_delivered: gives the levels that the file will have; every mark is read back from these.
            may_be_seen: whether a mark that is seen is taken where no other is read.
        """
        view = self._prepare_view(rgb)
        found = self._mark_robustly(rgb, view, payload, as_delivered)
        if found.proof.compressed:
            return found
        return self._mark_less_robustly(rgb, view, payload, as_delivered, found, may_be_seen=may_be_seen)

    def prove(self, marked: MarkedPicture, payload: int, as_delivered: AsDelivered) -> MarkedPicture:
        """Returns the same marked picture with the proof of another file of it."""
        delivered = as_delivered(marked.rgb)
        read = self._read_back_cells if marked.scheme == MEANS_SCHEME else self._read_back
        return replace(marked, proof=read(delivered, payload))

    def embed(self, rgb: Pixels, payload: int, psnr: float = PSNR, aim: EmbeddingAim = SHARED) -> Pixels:
        """Returns a copy of sRGB (H, W, 3) in 0–1 that carries ``payload`` (0 to 2⁶⁴−1), not rounded.

        ``psnr``: decibels between the two; a higher value is fainter and survives less.
        """
        return self._embed_in_view(self._prepare_view(rgb), rgb, payload, psnr, aim)

    def detect(self, rgb: Pixels, effort: Effort = "search") -> WatermarkDetection:
        """Detects this key's mark in sRGB (H, W, 3) in 0–1, also in a picture that was changed."""
        return detect_watermark(rgb, self.carriers, effort)

    def read_back(self, rgb: Pixels, payload: int) -> ReadBack:
        """Reads ``payload`` from a marked picture as it is, and as it will be after it was shared."""
        return self._read_back(quantize(rgb, 8), payload)

    def read_back_cells(self, rgb: Pixels, payload: int) -> ReadBack:
        """Does what ``read_back`` does for a mark in cell means."""
        return self._read_back_cells(quantize(rgb, 8), payload)

    def _prepare_view(self, rgb: Pixels) -> PreparedView:
        if self._device is None:
            luma = to_canonical_view(rgb)
        else:
            from worker.watermark import torch_embedder  # brings torch

            luma = torch_embedder.to_canonical_view(rgb, self._device)
        return PreparedView(luma, min(rgb.shape[:2]))

    def _add_pattern(self, rgb: Pixels, pattern: Luma) -> Pixels:
        if self._device is None:
            return add_pattern(rgb, pattern)
        from worker.watermark import torch_embedder

        return torch_embedder.add_pattern(rgb, pattern, self._device)

    def _code(self, payload: int) -> Floats:
        return encode_payload(payload, self.carriers.scramble)

    def _embed_in_view(
        self, view: PreparedView, rgb: Pixels, payload: int, psnr: float, aim: EmbeddingAim
    ) -> Pixels:
        embedding = InformedEmbedding(view, self._code(payload), self.carriers, aim)
        return self._add_pattern(rgb, embedding.optimize_pattern(deviation_at(psnr)))

    def _read_back(self, levels: Levels, payload: int) -> ReadBack:
        return read_back_payload(payload, self._reader(levels, payload))

    def _reader(self, levels: Levels, payload: int) -> CopyReader:
        return LumaCopyReader(levels, self.carriers, payload).read

    def _mark_robustly(
        self, rgb: Pixels, view: PreparedView, payload: int, as_delivered: AsDelivered
    ) -> MarkedPicture:
        """Returns the faintest mark that is robust, else the strongest."""
        aim = replace(SHARED, hidden=view.masking.has_dark_flats)
        embedding = InformedEmbedding(view, self._code(payload), self.carriers, aim)
        *fainter, strongest = likely_strengths(embedding, tried_strengths(view.masking))
        for psnr in fainter:
            marked = self._add_pattern(rgb, embedding.build_pattern(deviation_at(psnr)))
            proof = read_back_if_robust(payload, self._reader(as_delivered(marked), payload))
            if proof is not None and proof.robust:
                return MarkedPicture(marked, psnr, proof)
        if fainter:  # what failed is improved
            embedding.improve(deviation_at(strongest))
        marked = self._add_pattern(rgb, embedding.build_pattern(deviation_at(strongest)))
        return MarkedPicture(marked, strongest, self._read_back(as_delivered(marked), payload))

    def _mark_less_robustly(
        self,
        rgb: Pixels,
        view: PreparedView,
        payload: int,
        as_delivered: AsDelivered,
        last: MarkedPicture,
        *,
        may_be_seen: bool,
    ) -> MarkedPicture:
        """Returns the first invisible mark that survives compression, else the exact one surviving most."""
        tried = [last]
        for marked in self._mark_for_compression(rgb, view, payload, as_delivered):
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
        self, rgb: Pixels, view: PreparedView, payload: int, as_delivered: AsDelivered
    ) -> Iterator[MarkedPicture]:
        aim = replace(COMPRESSED, hidden=view.masking.has_dark_flats)
        for psnr in FOR_COMPRESSION:
            marked = self._embed_in_view(view, rgb, payload, psnr, aim)
            yield MarkedPicture(marked, psnr, self._read_back(as_delivered(marked), payload))
        for step in STEPS_FOR_COMPRESSION if has_room(*rgb.shape[:2]) else ():
            yield self._mark_in_cells(rgb, payload, step, as_delivered)

    def _mark_in_cells(
        self, rgb: Pixels, payload: int, step: float, as_delivered: AsDelivered
    ) -> MarkedPicture:
        marked = cell_means.embed_in_cells(rgb, self._code(payload), self.carriers, step, as_delivered)
        proof = self._read_back_cells(as_delivered(marked), payload)
        return MarkedPicture(marked, _psnr_between(rgb, marked), proof, MEANS_SCHEME)

    def _read_back_cells(self, delivered: Levels, payload: int) -> ReadBack:
        levels = to_bytes(delivered)

        def read(names: Sequence[str]) -> list[tuple[int, float] | None]:
            return [
                None  # cells are shares of the whole picture
                if name in PIECES
                else cell_means.read_upright_cells(levels_to_floats(copy_levels(levels, name)), self.carriers)
                for name in names
            ]

        return read_back_payload(payload, read)


def tried_strengths(masking: VisualMasking) -> tuple[float, ...]:
    """Returns the decibels that may be tried for a picture, the faintest first."""
    fainter = FAINTER if masking.flat_share > PLAIN else ()
    return (*fainter, *STRENGTHS)


def likely_strengths(embedding: InformedEmbedding, strengths: Sequence[float]) -> Sequence[float]:
    """Returns the strengths from the first that probably lasts; runs the embedding's first round."""
    first = (len(strengths) - 1) // 2
    embedding.improve(deviation_at(strengths[first]))
    if len(strengths) == len(STRENGTHS):  # not plain: what is foreseen is not what such pictures lose first
        return strengths

    def lasts(n: int) -> bool:
        return embedding.foresee_score(deviation_at(strengths[n])) >= LIKELY

    if lasts(first):
        while first > 0 and lasts(first - 1):
            first -= 1
    else:
        first += 1
        while first < len(strengths) - 1 and not lasts(first):
            first += 1
    return strengths[first:]


def _is_visible(rgb: Pixels, marked: MarkedPicture) -> bool:
    return is_visible(quantize(rgb, 8), quantize(marked.rgb, 8))


def _psnr_between(one: Pixels, other: Pixels) -> float:
    return round(float(-10 * np.log10(max(np.mean(np.square(one - other)), 1e-10))), 2)
