"""The mark is strong where it is invisible."""

from __future__ import annotations

import numpy as np
import pytest

from worker.watermark.visual_masking import VisualMasking


def half_textured() -> np.ndarray:
    luma = np.full((512, 512), 128, np.float32)
    luma[:, 256:] += np.random.default_rng(0).normal(0, 20, (512, 256)).astype(np.float32)
    return luma


def test_texture_takes_more_than_a_flat() -> None:
    mask = VisualMasking(half_textured()).strengths
    assert mask[:, 300:].mean() > 2 * mask[:, :200].mean()


def test_a_lone_edge_takes_hardly_more_than_the_flats_beside_it() -> None:
    luma = np.full((512, 512), 40, np.float32)
    luma[:, 256:] = 200
    mask = VisualMasking(luma).strengths
    assert mask.max() < 1.6 * mask.min()  # as texture it would take four times as much


def test_the_energy_is_the_same_everywhere_put() -> None:
    for luma in (half_textured(), np.zeros((512, 768), np.float32)):
        mask = VisualMasking(luma).strengths
        assert mask.dtype == np.float32
        assert mask.shape == luma.shape
        assert np.mean(mask * mask) == pytest.approx(1, rel=1e-4)
