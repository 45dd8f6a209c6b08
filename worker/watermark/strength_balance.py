"""Where a mark should be strong: so that pieces of the picture, wherever they are cut, decode.

What the picture itself says of each code bit is known in each of its blocks. A decoder errs when the picture
outweighs the mark over the few code bits in which another codeword differs; so the mark's strengths are moved
down the gradient of these errors' odds over many pieces, with its energy held. Miller, Doërr and Cox (see
``mark``) do so for the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.watermark.carriers import Floats
from worker.watermark.convolutional_code import events

STEPS, PACE = 20, 0.25
STRONGEST = 4.0
# What is not foreseen, such as pieces that lie between those tried, over what the picture says by itself.
UNFORESEEN = 1.0
SHARPNESS = 2.0  # of an error's odds, per deviation of what is not foreseen


@dataclass(frozen=True, eq=False)
class Readings:
    """What m readings, of pieces or of attacked copies, say for the right codeword.

    ``own`` (m, 312) is what the picture itself does, and ``gain`` (m, p) what each part's mark adds to that,
    in the same units, times its strength; ``weights`` (m,) how much each reading matters.
    """

    own: Floats
    gain: Floats
    weights: Floats


def balanced(strengths: Floats, readings: Sequence[Readings], shares: Floats, energies: Floats) -> Floats:
    """Better strengths (p, 312) of the code bits in the parts of a picture.

    ``shares`` (n, p) says how much each of its blocks has of each part, ``energies`` (n,) what a mark of
    strength one costs there.
    """
    own, gain, weights = (
        np.concatenate(of_all).astype(np.float32)
        for of_all in zip(*((each.own, each.gain, each.weights) for each in readings), strict=True)
    )
    unit = UNFORESEEN * np.sqrt(np.square(own).mean(axis=1, keepdims=True)) + 1e-9
    own, gain = own / unit, gain / unit
    for step in range(STEPS):
        downhill = gain.T @ _urgency(own + gain @ strengths, weights)
        downhill /= np.sqrt(np.square(downhill).mean()) + np.abs(downhill).max() / 4 + 1e-12
        moved = np.clip(strengths + PACE * (1 - step / STEPS) * downhill, 0, STRONGEST)
        strengths = moved / _strength(moved, shares, energies)
    return strengths


def _urgency(margins: Floats, weights: Floats) -> Floats:
    """How much each code bit's margin (m, 312) matters to a reading's being decoded."""
    odds = -SHARPNESS * (margins @ events().T)
    most = odds.max(axis=1, keepdims=True)
    shares = np.exp(odds - most)
    sums = shares.sum(axis=1, keepdims=True)
    doubt = 1 / (1 + np.exp(-np.clip(most + np.log(sums), -60, 60)))
    return (shares / sums * doubt * weights[:, None]) @ events()


def _strength(strengths: Floats, shares: Floats, energies: Floats) -> float:
    """The mark's root mean square; 1 where all strengths are."""
    power = np.square(shares @ strengths).mean(axis=1)
    return float(np.sqrt((power * energies).sum() / energies.sum()))
