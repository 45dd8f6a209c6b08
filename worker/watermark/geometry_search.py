"""The geometry search: how a marked picture was scaled, cropped, rotated, stretched or put in a window.

1. In the right geometry the pilots are at known places of the spectrum. A grid of geometries is scored by the
   pilots' power there, which does not depend on the tile's offset (after Pereira and Pun, 2000).
2. The likeliest of these, and the usual changes of pictures, are scored by the pilots' phases, which find
   fainter marks.
3. The best candidates are refined.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.watermark.candidate_geometries import Matrices, geometry_grid, likely_geometries
from worker.watermark.canonical_view import Luma, Pixels, compute_residual
from worker.watermark.carriers import TILE, Carriers, Floats, Integers, Waves

FFT = 1024  # the spectrum's side; only the middle of a larger view is used
# Frequencies over which the picture's spectrum is assumed to be flat; and the limit of a single frequency.
NEIGHBOURHOOD, LOUDEST = 31, 2.5
BY_POWER = 600  # candidates that are scored by phase
CANDIDATES = 20
SURFACE = 128  # tile offsets in each direction; pilots turn at most 46 times
CHUNK = 64  # geometries at a time, so that their surfaces stay in the cache
APART = 0.008  # closer matrices are the same candidate: the refinement covers both
# Relative changes of the matrix, and pixels of the offset.
FINER = ((0.0016, 0.8), (0.0008, 0.4), (0.0004, 0.2))
MOVES = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 4, indexing="ij"), -1).reshape(-1, 2, 2)
SHIFTS = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 2, indexing="ij"), -1).reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class GeometryCandidate:
    """A geometry: ``matrix`` (2, 2) takes the mark's frequencies (row, column) to the view's.

    ``peak`` is its score by the pilots' phases.
    """

    matrix: Floats
    peak: float

    @property
    def flipped(self) -> bool:
        return float(np.linalg.det(self.matrix)) < 0


def search_geometries(luma: Luma, carriers: Carriers) -> list[GeometryCandidate]:
    """Returns the geometries in which a canonical view may carry a mark, the likeliest first."""
    waves, power = _windowed_spectrum(luma)
    every = geometry_grid()
    pilot_power = np.concatenate(
        [_pilot_power(power, some, carriers) for some in np.array_split(every, len(every) // 2048)]
    )
    loud = np.argpartition(-pilot_power, BY_POWER)[:BY_POWER]
    geometries = np.concatenate([every[loud], likely_geometries(luma.shape[0] / luma.shape[1])])
    chunks = np.array_split(geometries, len(geometries) // CHUNK)
    found = [offset_peaks(_pilot_waves(waves, some, carriers), carriers) for some in chunks]
    peaks, begins = (np.concatenate(parts) for parts in zip(*found, strict=True))
    chosen = _distinct_candidates(geometries, np.argsort(-peaks))
    refined = [_refine_candidate(waves, geometries[n], begins[n], carriers) for n in chosen]
    return sorted(refined, key=lambda candidate: -candidate.peak)


def straighten_view(luma: Luma, matrix: Floats) -> Pixels:
    """Returns the view as it was marked, except for its offset."""
    back = matrix.T.astype(np.float64)  # from coordinates of the view to the mark's
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


def _windowed_spectrum(luma: Luma) -> tuple[Pixels, Pixels]:
    """Returns the windowed residual's waves (FFT, FFT, 2), zero frequency in the middle, and their power."""
    seen = compute_residual(luma)
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


def _pilot_places(matrices: Matrices, carriers: Carriers) -> Matrices:
    """Returns the pilots' places in the spectrum: (n, 2, 64)."""
    frequencies = carriers.pilots.T.astype(np.float32) * np.float32(FFT / TILE)
    return (matrices @ frequencies + np.float32(FFT // 2)).astype(np.float32, copy=False)


def _pilot_power(power: Pixels, matrices: Matrices, carriers: Carriers) -> Pixels:
    rows, columns = (_pilot_places(matrices, carriers) + 0.5).astype(np.int32).transpose(1, 0, 2)
    return power.ravel()[rows * FFT + columns].sum(axis=1)


def _pilot_waves(waves: Pixels, matrices: Matrices, carriers: Carriers) -> Waves:
    """Returns the pilots' waves (n, 64); all are in phase if the tile begins in the middle of the view."""
    rows, columns = _pilot_places(matrices, carriers).transpose(1, 0, 2)
    sampled = cv2.remap(waves, np.ascontiguousarray(columns), np.ascontiguousarray(rows), cv2.INTER_LINEAR)
    aligned = (sampled[..., 0] + 1j * sampled[..., 1]) * np.exp(-1j * carriers.pilot_phases)
    return aligned.astype(np.complex64)


def offset_peaks(pilots: Waves, carriers: Carriers) -> tuple[Floats, Floats]:
    """Returns how clearly each geometry's pilots agree on a tile offset, and the offset: (n,), (n, 2)."""
    surfaces = _pilot_surfaces(pilots, carriers)
    best = np.array([surface.argmax() for surface in surfaces])
    heights = surfaces.reshape(len(pilots), -1)[np.arange(len(pilots)), best]
    begins = np.stack(np.unravel_index(best, (SURFACE, SURFACE)), axis=1) * (TILE / SURFACE)
    return heights / _chance_deviation(pilots), begins


def _pilot_surfaces(pilots: Waves, carriers: Carriers) -> Pixels:
    """Returns the sums of the pilots (n, 64) at every tile offset: (n, SURFACE, SURFACE).

    One complex transform makes two of these: its real part and its imaginary part.
    """
    rows, columns = carriers.pilots.T
    surfaces = np.empty((len(pilots) + len(pilots) % 2, SURFACE, SURFACE), np.float32)
    for n in range(0, len(pilots), 2):
        first, second = pilots[n], 1j * pilots[min(n + 1, len(pilots) - 1)]
        waves = np.zeros((SURFACE, SURFACE), np.complex64)
        # A real signal's transform has each wave twice, once as its conjugate.
        waves[rows, columns] = (first.conj() - second.conj()) / 2
        waves[-rows, -columns] += (first + second) / 2
        both = cv2.idft(waves.view(np.float32).reshape(SURFACE, SURFACE, 2))
        surfaces[n], surfaces[n + 1] = cv2.split(both)
    return surfaces[: len(pilots)]


def _chance_deviation(pilots: Waves) -> Floats:
    """Returns the deviation of the pilots' sum without a mark."""
    return np.sqrt(np.square(np.abs(pilots)).sum(axis=1) / 2) + 1e-9


def _distinct_candidates(matrices: Matrices, order: Integers) -> list[int]:
    """Returns the first CANDIDATES in this order that are not close to an earlier one."""
    chosen: list[int] = []
    for n in order.tolist():
        if all(np.abs(matrices[n] - matrices[m]).max() > APART * np.abs(matrices[m]).max() for m in chosen):
            chosen.append(n)
        if len(chosen) == CANDIDATES:
            break
    return chosen


def _refine_candidate(waves: Pixels, matrix: Floats, begin: Floats, carriers: Carriers) -> GeometryCandidate:
    """Finds the highest peak near a geometry, by changing its matrix and offset together."""
    peak = 0.0
    for change, shift in FINER:
        for _ in range(3):
            matrices = (matrix + (MOVES * change) @ matrix).astype(np.float32)
            begins = begin + SHIFTS * shift
            pilots = _pilot_waves(waves, matrices, carriers)
            turns = np.exp(-2j * np.pi / TILE * (carriers.pilots @ begins.T)).astype(np.complex64)
            peaks = (pilots @ turns).real / _chance_deviation(pilots)[:, None]
            move, step = np.unravel_index(peaks.argmax(), peaks.shape)
            matrix, begin, peak = matrices[move], begins[step], float(peaks[move, step])
            if not MOVES[move].any() and not SHIFTS[step].any():
                break
    return GeometryCandidate(matrix, peak)
