"""A view's spectrum is finite and limited for every picture."""

from __future__ import annotations

import numpy as np
import pytest

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark.canonical_view import (
    LOUDEST,
    compute_residual,
    levels_to_view,
    normalize_spectrum,
    tile_waves,
    to_canonical_view,
)
from worker.watermark.carriers import derive_carriers

CARRIERS = derive_carriers(bytes(range(32)))


@pytest.mark.parametrize("edge", [1, 40, 101])
def test_two_flat_halves_of_a_tall_picture_have_a_finite_spectrum(edge: int) -> None:
    """Nearly all of its power is in one row of the transform, and nothing beside it."""
    picture = np.full((1024, 128, 3), 0.3, np.float32)
    picture[:, :edge] = 0.6
    seen = normalize_spectrum(tile_waves(compute_residual(to_canonical_view(picture))), CARRIERS)
    for waves, tilt in ((seen.data, CARRIERS.data_tilt), (seen.pilots, CARRIERS.pilot_tilt)):
        assert np.all(np.abs(waves) <= 1.001 * LOUDEST * tilt)  # False for NaN


@pytest.mark.parametrize("shape", [(1024, 1536), (1152, 700), (513, 900), (400, 300)])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_view_of_levels_made_in_bands_is_the_view_of_the_picture(
    shape: tuple[int, int], depth: int
) -> None:
    levels = quantize(np.random.default_rng(0).uniform(0.3, 0.7, (*shape, 3)).astype(np.float32), depth)
    whole = to_canonical_view(levels_to_floats(levels))
    np.testing.assert_allclose(levels_to_view(levels), whole, atol=0.01)
