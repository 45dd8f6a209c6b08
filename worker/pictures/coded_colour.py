"""Colour without an ICC profile, by codes or numbers: PNG's cICP, gAMA and cHRM, the nclx of AVIF and HEIC.

ITU-T H.273, tables 2 and 3; PNG, third edition, sections 11.3.2 and 13.13.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.contract.pictures import ADOBE, LINEAR, UNSPECIFIED, CodedColour, Colour, PngColour
from worker.pictures.icc_profile import linear_to_srgb
from worker.pictures.pixel_levels import Floats, Levels

_D65 = (0.3127, 0.3290)
_SRGB = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# x and y of white, red, green and blue, by H.273's code.
_PRIMARIES = {
    1: _SRGB,
    UNSPECIFIED: _SRGB,
    4: ((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: (_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
    ADOBE: (_D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
}
_EXPONENTS = {4: 2.2, 5: 2.8, LINEAR: 1.0}
_SRGB_GAMMA, _SAME_GAMMA = 45_455, 500  # the value that means sRGB, and the tolerance for it
_SAME_CHROMATICITY = 0.003
# Bradford: https://www.color.org/specification/ICC.1-2022-05.pdf, annex E.
_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

Matrix = npt.NDArray[np.float64]
Chromaticities = tuple[tuple[float, float], ...]


def coded_conversion(colour: Colour | None) -> Callable[[Levels], Floats] | None:
    """Returns the conversion of RGB levels (H, W, 3) to sRGB floats in 0–1, or None if they are sRGB."""
    if colour is None:
        return None
    if isinstance(colour, CodedColour):
        return _build_conversion(_EXPONENTS.get(colour.transfer), _PRIMARIES[colour.primaries])
    return _build_conversion(_transfer_exponent(colour), _usable_chromaticities(colour))


def _transfer_exponent(colour: PngColour) -> float | None:
    """Returns the exponent of the transfer function, or None for sRGB's own curve."""
    if colour.gamma is None or abs(colour.gamma - _SRGB_GAMMA) <= _SAME_GAMMA:
        return None
    return 100_000 / colour.gamma


def _usable_chromaticities(colour: PngColour) -> Chromaticities:
    given = [each / 100_000 for each in colour.chromaticities or ()]
    found = tuple((given[at], given[at + 1]) for at in range(0, len(given), 2)) or _SRGB
    area = abs(np.linalg.det(np.array([[*point, 1] for point in found[1:]])))
    usable = area > 1e-3 and all(0 <= x <= 1 and 0 < y <= 1 for x, y in found)
    return found if usable else _SRGB


def _build_conversion(exponent: float | None, primaries: Chromaticities) -> Callable[[Levels], Floats] | None:
    near = np.abs(np.array(primaries) - np.array(_SRGB)).max() <= _SAME_CHROMATICITY
    if exponent is None and near:
        return None
    matrix = (np.eye(3) if near else _matrix_to_srgb(primaries)).astype(np.float32)

    def convert(levels: Levels) -> Floats:
        steps = np.linspace(0, 1, int(np.iinfo(levels.dtype).max) + 1)
        light = (srgb_to_linear(steps) if exponent is None else steps**exponent).astype(np.float32)[levels]
        return linear_to_srgb(light @ matrix.T)

    return convert


def srgb_to_linear(encoded: npt.NDArray[Any]) -> Matrix:
    """Converts sRGB in 0–1 to linear light (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _matrix_to_srgb(primaries: Chromaticities) -> Matrix:
    """Returns the matrix from linear light of these primaries to sRGB's, with white adapted to white."""
    own, srgb = _matrix_to_xyz(primaries), _matrix_to_xyz(_SRGB)
    whites = [_CONES @ _unit_luminance_xyz(*white) for white in (primaries[0], _D65)]
    adapted = np.linalg.inv(_CONES) @ np.diag(whites[1] / whites[0]) @ _CONES
    return np.linalg.inv(srgb) @ adapted @ own


def _matrix_to_xyz(primaries: Chromaticities) -> Matrix:
    columns = np.array([_unit_luminance_xyz(*point) for point in primaries[1:]]).T
    return columns * np.linalg.solve(columns, _unit_luminance_xyz(*primaries[0]))


def _unit_luminance_xyz(x: float, y: float) -> Matrix:
    """Returns the XYZ colour of this chromaticity with a luminance of 1."""
    return np.array([x / y, 1.0, (1 - x - y) / y])
