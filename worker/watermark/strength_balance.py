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
from worker.watermark.convolutional_code import error_event_bands, error_events

STEPS, PACE = 20, 0.35
STRONGEST = 4.0
# The deviation of what is not foreseen, such as pieces between those tried, over the picture's own deviation.
UNFORESEEN = 1.0
SHARPNESS = 2.0  # of an error's odds, per unforeseen deviation
MOST_ODDS = 60.0  # in natural logarithms: floats of 32 bits have no exponential above 88


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
    # Code bits are the rows from here on: the products below are then of matrices as they lie in memory.
    own, gain, moved = np.ascontiguousarray((own / unit).T), gain / unit, strengths.T
    costs = (shares.T * (energies / energies.sum())) @ shares
    for step in range(STEPS):
        downhill = _margin_gradient(own + moved @ gain.T, weights) @ gain
        downhill /= np.sqrt(np.square(downhill).mean()) + np.abs(downhill).max() / 4 + 1e-12
        downhill *= np.float32(PACE * (1 - step / STEPS))
        downhill += moved
        moved = np.clip(downhill, 0, STRONGEST, out=downhill)
        moved /= _root_mean_square(moved, costs)
    return np.ascontiguousarray(moved.T)


def _margin_gradient(margins: Floats, weights: Floats) -> Floats:
    """Returns how much each code bit's margin (312, m) matters for decoding its reading."""
    bands = error_event_bands()
    odds = np.empty((len(error_events()), len(weights)), np.float32)
    for rows, bits, events in bands:
        np.matmul(events, margins[bits], out=odds[rows])
    odds *= -SHARPNESS
    shares = np.exp(np.minimum(odds, MOST_ODDS, out=odds), out=odds)
    shares *= weights / (1 + shares.sum(axis=0))
    gradient = np.zeros_like(margins)
    for rows, bits, events in bands:
        gradient[bits] += events.T @ shares[rows]
    return gradient


def _root_mean_square(strengths: Floats, costs: Floats) -> np.float32:
    """Returns the mark's root mean square: 1 where all strengths (312, p) are 1; ``costs`` is (p, p)."""
    return np.sqrt(np.vdot(strengths, strengths @ costs) / np.float32(len(strengths)))
