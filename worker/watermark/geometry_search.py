"""Where a marked picture may lie in another: scaled, cropped, rotated, stretched, in a window.

Once the geometry is right, the pilots stand at known places of the spectrum. All geometries of a grid are
scored by the pilots' power there, which is the same wherever the tile begins (after Pereira and Pun, 2000).
Those that are likeliest, by this or because they are what is usually done to pictures, are scored by the
pilots' phases as well, which hear marks that power does not; and the best of these are refined.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.watermark.candidate_geometries import Matrices, grid, likely
from worker.watermark.canonical_view import Luma, Pixels, residual
from worker.watermark.carriers import TILE, Carriers, Floats, Waves, Whole

FFT = 1024  # the spectrum's side; of a view that is longer the middle is heard
# The picture's own spectrum is even over so many frequencies, and a single one says at most so much.
NEIGHBOURHOOD, LOUDEST = 31, 2.5
BY_POWER = 600  # go on to be heard by phase
CANDIDATES = 20
SURFACE = 128  # places for the tile's beginning; pilots turn 46 times at most
CHUNK = 64  # geometries at a time, so that their surfaces stay in the processor's cache
APART = 0.008  # below this two matrices are the same candidate, which is refined anyway
# Relative changes of the matrix and pixels of the beginning.
FINER = ((0.0016, 0.8), (0.0008, 0.4), (0.0004, 0.2))
MOVES = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 4, indexing="ij"), -1).reshape(-1, 2, 2)
SHIFTS = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 2, indexing="ij"), -1).reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class Candidate:
    """``matrix`` (2, 2) takes the mark's frequencies (row, column) to the view's; ``peak`` is its pilots'."""

    matrix: Floats
    peak: float

    @property
    def flipped(self) -> bool:
        return float(np.linalg.det(self.matrix)) < 0


def search(luma: Luma, carriers: Carriers) -> list[Candidate]:
    """The geometries in which the canonical view of a picture may carry a mark, the likeliest first."""
    waves, power = _spectrum(luma)
    every = grid()
    heard = np.concatenate(
        [_power(power, some, carriers) for some in np.array_split(every, len(every) // 2048)]
    )
    loud = np.argpartition(-heard, BY_POWER)[:BY_POWER]
    tried = np.concatenate([every[loud], likely(luma.shape[0] / luma.shape[1])])
    chunks = np.array_split(tried, len(tried) // CHUNK)
    found = [_peaks(_pilots(waves, some, carriers), carriers) for some in chunks]
    peaks, begins = (np.concatenate(parts) for parts in zip(*found, strict=True))
    chosen = _distinct(tried, np.argsort(-peaks))
    refined = [_refined(waves, tried[n], begins[n], carriers) for n in chosen]
    return sorted(refined, key=lambda candidate: -candidate.peak)


def straightened(luma: Luma, matrix: Floats) -> Pixels:
    """The view as it was when it was marked, but for where it begins."""
    back = matrix.T.astype(np.float64)  # from places in the view to the mark's
    corners = np.array([(0, 0), (luma.shape[0], 0), (0, luma.shape[1]), luma.shape]) @ back.T
    first = corners.min(axis=0)
    height, width = np.ceil(np.ptp(corners, axis=0)).astype(int).tolist()
    forth = np.linalg.inv(back)
    affine = np.column_stack([forth, forth @ first])[::-1, [1, 0, 2]]  # OpenCV has the column first
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    seen = luma.astype(np.float32, copy=False)
    return np.asarray(
        cv2.warpAffine(seen, affine, (width, height), flags=how, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _spectrum(luma: Luma) -> tuple[Pixels, Pixels]:
    """The residual's waves (FFT, FFT, 2) about its middle, zero frequency in the middle, and their power."""
    seen = residual(luma)
    top, left = (max(0, (side - FFT) // 2) for side in seen.shape)
    seen = seen[top : top + FFT, left : left + FFT]
    height, width = seen.shape
    padded = np.zeros((FFT, FFT), np.float32)
    padded[:height, :width] = seen * np.sqrt(np.outer(np.hanning(height), np.hanning(width)))
    padded = np.roll(padded, (-(height // 2), -(width // 2)), axis=(0, 1))
    waves = np.fft.fftshift(cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT), axes=(0, 1))
    power = np.square(waves).sum(axis=2)
    strength = np.sqrt(cv2.blur(power, (NEIGHBOURHOOD, NEIGHBOURHOOD)) + 1e-9)
    loudness = np.sqrt(power) / strength
    waves *= (np.minimum(1, LOUDEST / (loudness + 1e-6)) / strength)[..., None]
    return waves, np.square(np.minimum(loudness, LOUDEST))


def _places(matrices: Matrices, carriers: Carriers) -> Matrices:
    """Where in the spectrum the pilots stand: (n, 2, 64)."""
    frequencies = carriers.pilots.T.astype(np.float32) * np.float32(FFT / TILE)
    return (matrices @ frequencies + np.float32(FFT // 2)).astype(np.float32, copy=False)


def _power(power: Pixels, matrices: Matrices, carriers: Carriers) -> Pixels:
    rows, columns = (_places(matrices, carriers) + 0.5).astype(np.int32).transpose(1, 0, 2)
    return power.ravel()[rows * FFT + columns].sum(axis=1)


def _pilots(waves: Pixels, matrices: Matrices, carriers: Carriers) -> Waves:
    """The pilots' waves (n, 64), which are all in phase when the tile begins in the middle of the view."""
    rows, columns = _places(matrices, carriers).transpose(1, 0, 2)
    heard = cv2.remap(waves, np.ascontiguousarray(columns), np.ascontiguousarray(rows), cv2.INTER_LINEAR)
    aligned = (heard[..., 0] + 1j * heard[..., 1]) * np.exp(-1j * carriers.pilot_phases)
    return aligned.astype(np.complex64)


def _peaks(pilots: Waves, carriers: Carriers) -> tuple[Floats, Floats]:
    """How clearly each geometry's pilots agree on a beginning of the tile, and on which: (n,), (n, 2)."""
    rows, columns = carriers.pilots.T
    half = np.zeros((len(pilots), SURFACE, SURFACE // 2 + 1), np.complex64)
    half[:, rows, columns] = pilots.conj() * np.where(columns == 0, 2, 1)  # as in a real signal's transform
    surfaces = np.fft.irfft2(half, (SURFACE, SURFACE)).reshape(len(pilots), -1)
    best = surfaces.argmax(axis=1)
    heights = surfaces[np.arange(len(best)), best] * (SURFACE * SURFACE / 2)
    begins = np.stack(np.unravel_index(best, (SURFACE, SURFACE)), axis=1) * (TILE / SURFACE)
    return heights / _chance(pilots), begins


def _chance(pilots: Waves) -> Floats:
    """What the pilots' sum deviates by where there is no mark."""
    return np.sqrt(np.square(np.abs(pilots)).sum(axis=1) / 2) + 1e-9


def _distinct(matrices: Matrices, order: Whole) -> list[int]:
    """The first few in this order that are not next to one before."""
    chosen: list[int] = []
    for n in order.tolist():
        if all(np.abs(matrices[n] - matrices[m]).max() > APART * np.abs(matrices[m]).max() for m in chosen):
            chosen.append(n)
        if len(chosen) == CANDIDATES:
            break
    return chosen


def _refined(waves: Pixels, matrix: Floats, begin: Floats, carriers: Carriers) -> Candidate:
    """The highest peak near a geometry, the four numbers of its matrix and its beginning changed together."""
    peak = 0.0
    for change, shift in FINER:
        for _ in range(3):
            matrices = (matrix + (MOVES * change) @ matrix).astype(np.float32)
            begins = begin + SHIFTS * shift
            pilots = _pilots(waves, matrices, carriers)
            turns = np.exp(-2j * np.pi / TILE * (carriers.pilots @ begins.T)).astype(np.complex64)
            peaks = (pilots @ turns).real / _chance(pilots)[:, None]
            move, step = np.unravel_index(peaks.argmax(), peaks.shape)
            matrix, begin, peak = matrices[move], begins[step], float(peaks[move, step])
            if not MOVES[move].any() and not SHIFTS[step].any():
                break
    return Candidate(matrix, peak)
