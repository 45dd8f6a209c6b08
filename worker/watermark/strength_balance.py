"""The balance of embedding strengths: it makes every piece of the picture decode, wherever it is cut.

The picture's own contribution to each code bit is known in each block. A decoder errs when the picture
outweighs the mark over the few code bits in which another codeword differs. So the strengths follow the
gradient that lowers the odds of these errors over many pieces, while the mark's energy stays constant.
Miller, Doërr and Cox (see ``informed_embedding``) do so for the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.watermark.carriers import Floats
from worker.watermark.convolutional_code import error_event_bands

STEPS, PACE = 20, 0.25
STRONGEST = 4.0
# The deviation of what is not foreseen, such as pieces between those tried, over the picture's own deviation.
UNFORESEEN = 1.0
SHARPNESS = 2.0  # of an error's odds, per unforeseen deviation


@dataclass(frozen=True, eq=False)
class CodewordReadings:
    """The evidence of m readings, of pieces or attacked copies, for the right codeword.

    ``own`` (m, 312) is the picture's own contribution. ``gain`` (m, p), times a part's strength, is what the
    mark in that part adds, in the same units. ``weights`` (m,) says how much each reading matters.
    """

    own: Floats
    gain: Floats
    weights: Floats


def optimize_strengths(
    strengths: Floats, readings: Sequence[CodewordReadings], shares: Floats, energies: Floats
) -> Floats:
    """Returns better strengths (p, 312) of the code bits in the parts of a picture.

    Args:
        shares: (n, p), how much each of the picture's blocks has of each part.
        energies: (n,), what a mark of strength one costs in each block.
    """
    own, gain, weights = (
        np.concatenate(of_all).astype(np.float32)
        for of_all in zip(*((each.own, each.gain, each.weights) for each in readings), strict=True)
    )
    unit = UNFORESEEN * np.sqrt(np.square(own).mean(axis=1, keepdims=True)) + 1e-9
    own, gain = own / unit, gain / unit
    for step in range(STEPS):
        downhill = gain.T @ _margin_gradient(own + gain @ strengths, weights)
        downhill /= np.sqrt(np.square(downhill).mean()) + np.abs(downhill).max() / 4 + 1e-12
        moved = np.clip(strengths + PACE * (1 - step / STEPS) * downhill, 0, STRONGEST)
        strengths = moved / _root_mean_square(moved, shares, energies)
    return strengths


def _margin_gradient(margins: Floats, weights: Floats) -> Floats:
    """Returns how much each code bit's margin (m, 312) matters for decoding its reading."""
    bands = error_event_bands()
    odds = np.concatenate([margins[:, bits] @ events.T for _, bits, events in bands], axis=1)
    odds *= -SHARPNESS
    most = odds.max(axis=1, keepdims=True)
    odds -= most
    shares = np.exp(odds, out=odds)
    sums = shares.sum(axis=1, keepdims=True)
    doubt = 1 / (1 + np.exp(-np.clip(most + np.log(sums), -60, 60)))
    shares *= doubt * weights[:, None] / sums
    gradient = np.zeros_like(margins)
    for rows, bits, events in bands:
        gradient[:, bits] += shares[:, rows] @ events
    return gradient


def _root_mean_square(strengths: Floats, shares: Floats, energies: Floats) -> float:
    """Returns the mark's root mean square, which is 1 where all strengths are 1."""
    power = np.square(shares @ strengths).mean(axis=1)
    return float(np.sqrt((power * energies).sum() / energies.sum()))
