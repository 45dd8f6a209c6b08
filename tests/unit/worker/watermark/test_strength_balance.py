"""The balance strengthens a mark where pieces would be read wrongly, at the same energy."""

from __future__ import annotations

import numpy as np

from worker.watermark.convolutional_code import CODE_BITS, error_events
from worker.watermark.strength_balance import CodewordReadings, optimize_strengths

SHARES = np.eye(2, dtype=np.float32)  # two blocks, each of which is a part
ENERGIES = np.ones(2, np.float32)


def readings(own: np.ndarray) -> CodewordReadings:
    """Returns readings of two pieces, each of one part, with the picture's ``own`` (2, 312)."""
    return CodewordReadings(own, np.eye(2, dtype=np.float32), np.ones(2))


def worst(strengths: np.ndarray, own: np.ndarray) -> float:
    return float(((own + strengths) @ error_events().T).min())


def test_the_worst_error_becomes_less_likely_at_the_same_energy() -> None:
    own = np.random.default_rng(0).normal(0, 1, (2, CODE_BITS))
    before = np.ones((2, CODE_BITS), np.float32)
    after = optimize_strengths(before, [readings(own)], SHARES, ENERGIES)
    assert worst(after, own) > worst(before, own) + 1
    np.testing.assert_allclose(np.square(after).mean(), 1, rtol=1e-4)


def test_what_the_picture_says_against_the_mark_is_outweighed_where_it_says_it() -> None:
    own = np.zeros((2, CODE_BITS))
    own[0, :40] = -2
    after = optimize_strengths(np.ones((2, CODE_BITS), np.float32), [readings(own)], SHARES, ENERGIES)
    assert after[0, :40].mean() > 1.5 * after[0, 60:].mean()
    assert after[0, :40].mean() > 1.5 * after[1, :40].mean()
