"""The visibility of a mark, above all in dark areas."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.watermark import textures
from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.visibility import contrast_sensitivity, is_visible, measure_visibility

pytestmark = pytest.mark.slow

PAYLOAD = 0x0123456789ABCDEF


def grating(level: float, amplitude: float, side: int = 512, period: int = 12) -> np.ndarray:
    waves = amplitude * np.sin(2 * np.pi * np.arange(side) / period)
    levels = np.rint(level + np.broadcast_to(waves[None, :, None], (side, side, 3)))
    return np.clip(levels, 0, 255).astype(np.uint8)


def test_more_light_and_middle_frequencies_are_seen_better() -> None:
    cycles = np.array([0.3, 4, 30], np.float32)
    bright, dim = contrast_sensitivity(cycles, 100, 100), contrast_sensitivity(cycles, 1, 100)
    assert bright[1] == max(bright)
    assert (bright > dim).all()


def test_a_step_of_a_level_is_seen_in_the_dark_and_not_in_texture() -> None:
    flat, noise = np.full((512, 512, 3), 20, np.uint8), textures.black_and_white_noise(512)
    assert is_visible(flat, grating(20, 1))
    changed = np.clip(noise.astype(int) + (grating(20, 1).astype(int) - 20), 0, 255).astype(np.uint8)
    assert not is_visible(noise, changed)


def test_nothing_is_seen_where_nothing_differs() -> None:
    night = textures.night_scene(256)
    assert measure_visibility(night, night).anywhere == 0


@pytest.mark.parametrize("side", [512, 1024])
def test_a_mark_is_not_seen_on_a_dark_sky(side: int, marker: Watermarker) -> None:
    levels = textures.night_scene(side)
    marked = marker.mark(levels_to_floats(levels), PAYLOAD)
    seen = measure_visibility(levels, quantize(marked.rgb, 8))
    assert marked.proof.exact
    assert seen.in_the_dark is not None
    assert seen.in_the_dark < 1


def test_without_regard_to_the_dark_it_would_be_seen(marker: Watermarker) -> None:
    levels = textures.night_scene(512)
    seen = measure_visibility(levels, quantize(marker.embed(levels_to_floats(levels), PAYLOAD, 46), 8))
    assert seen.in_the_dark is not None
    assert seen.in_the_dark > 3
