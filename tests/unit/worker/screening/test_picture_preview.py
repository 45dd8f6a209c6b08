"""A picture as a classifier looks at it."""

from __future__ import annotations

import cv2
import numpy as np

from worker.screening.picture_preview import encode_for_classifier


def seen(rgb: np.ndarray) -> np.ndarray:
    bgr = cv2.imdecode(np.frombuffer(encode_for_classifier(rgb), np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return bgr[..., ::-1]


def test_it_is_whole_and_no_larger_than_need_be() -> None:
    assert seen(np.ones((512, 2_048, 3), np.float32)).shape == (256, 1_024, 3)
    assert seen(np.ones((48, 64, 3), np.float32)).shape == (48, 64, 3)


def test_its_colours_are_what_they_were() -> None:
    red = np.zeros((32, 32, 3), np.float32)
    red[..., 0] = 1
    assert np.allclose(seen(red).mean((0, 1)), (255, 0, 0), atol=3)
