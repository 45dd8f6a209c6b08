"""The blocks of a view together say what the whole view says."""

from __future__ import annotations

import numpy as np
import pytest

from worker.watermark.canonical_view import tile_waves
from worker.watermark.carriers import derive_carriers
from worker.watermark.view_blocks import ViewBlocks

CARRIERS = derive_carriers(bytes(range(32)))


@pytest.mark.parametrize("shape", [(512, 512), (512, 683), (911, 512)])
def test_what_the_blocks_say_adds_up_to_what_the_whole_says(shape: tuple[int, int]) -> None:
    residual = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    trust = np.random.default_rng(1).random(len(CARRIERS.data))
    said = ViewBlocks(*shape).gather_code_bits(residual, CARRIERS, trust).sum(axis=0)
    whole = CARRIERS.gather(tile_waves(residual)[tuple(CARRIERS.data.T)] * trust)
    np.testing.assert_allclose(said, whole, atol=1e-3 * np.abs(whole).max())


def test_pieces_hold_their_share_of_the_blocks() -> None:
    held, weights = ViewBlocks(512, 768).piece_shares()
    shares = held.mean(axis=1)
    np.testing.assert_allclose(shares[0], 1)
    np.testing.assert_allclose(shares[1:10], 0.5, rtol=1e-5)
    np.testing.assert_allclose(shares[10:], 0.25, rtol=1e-5)
    assert len(weights) == len(held)


def test_parts_that_sum_to_one_share_every_block() -> None:
    down = [np.linspace(1, 0, 256, dtype=np.float32), np.linspace(0, 1, 256, dtype=np.float32)]
    shares = ViewBlocks(256, 300).part_shares(down, [np.ones(300, np.float32)])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert shares[0, 0] > shares[-1, 0]
