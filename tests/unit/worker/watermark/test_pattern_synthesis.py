"""The pattern is the inverse transform of what the parts carry, and the parts fade into one another."""

from __future__ import annotations

import numpy as np
import pytest

from worker.watermark.carriers import PILOTS, TILE, Waves, derive_carriers
from worker.watermark.convolutional_code import CODE_BITS
from worker.watermark.pattern_synthesis import part_weights, synthesize_pattern

CARRIERS = derive_carriers(bytes(range(32)))
CODE = np.random.default_rng(0).choice([-1.0, 1.0], CODE_BITS)
WHOLE = [np.ones(TILE, np.float32)]


def transform_back(code: np.ndarray, pilots: np.ndarray) -> np.ndarray:
    """Returns the tile by the definition: every frequency's wave, once."""
    half = np.zeros((TILE, TILE), np.complex128)
    half[tuple(CARRIERS.data.T)] = CARRIERS.apply_chips(code) * CARRIERS.data_tilt
    half[tuple(CARRIERS.pilots.T)] = pilots * np.exp(1j * CARRIERS.pilot_phases) * CARRIERS.pilot_tilt
    return np.fft.ifft2(half).real * TILE


def test_one_part_is_the_inverse_transform_of_its_frequencies() -> None:
    pilots = np.linspace(1, 2, PILOTS)
    tile = synthesize_pattern(CARRIERS.spread(CODE[None], pilots), WHOLE, WHOLE)
    np.testing.assert_allclose(tile, transform_back(CODE, pilots), atol=1e-4 * tile.std())


def test_what_is_spread_is_gathered() -> None:
    tile = synthesize_pattern(CARRIERS.spread(CODE[None], np.ones(PILOTS)), WHOLE, WHOLE)
    waves: Waves = np.fft.fft2(tile)
    gathered = CARRIERS.gather(waves[tuple(CARRIERS.data.T)])
    np.testing.assert_array_equal(np.sign(gathered), CODE)


@pytest.mark.parametrize("shape", [(512, 512), (300, 683)])
def test_each_part_has_its_own_tile_and_equal_parts_have_no_seam(shape: tuple[int, int]) -> None:
    down, across = part_weights(*shape)
    strengths = np.random.default_rng(1).random((len(down) * len(across), CODE_BITS))
    pattern = synthesize_pattern(CARRIERS.spread(strengths, np.zeros(PILOTS)), down, across)
    tile = transform_back(strengths[0], np.zeros(PILOTS))
    np.testing.assert_allclose(pattern[:16, :16], tile[:16, :16], atol=1e-3 * tile.std())
    even = synthesize_pattern(CARRIERS.spread(0 * strengths + CODE, np.ones(PILOTS)), down, across)
    repeated = np.pad(transform_back(CODE, np.ones(PILOTS)), ((0, 512), (0, 512)), mode="wrap")
    np.testing.assert_allclose(even, repeated[: shape[0], : shape[1]], atol=1e-3 * even.std())
