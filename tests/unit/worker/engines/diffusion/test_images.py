"""Pictures as pipelines take them."""

from __future__ import annotations

import numpy as np
import pytest

from worker.engines.diffusion import images


def test_pixels_are_rounded_and_tensors_are_not() -> None:
    picture = np.full((2, 3, 3), 0.5 / 255 + 1e-4, np.float32)
    assert images.pil_image(picture).getpixel((0, 0)) == (1, 1, 1)
    assert images.picture_tensor(picture).shape == (1, 3, 2, 3)
    assert float(images.picture_tensor(picture)[0, 0, 0, 0]) == pytest.approx(0.5 / 255 + 1e-4)
