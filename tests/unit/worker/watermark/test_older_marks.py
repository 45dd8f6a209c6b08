"""Pictures that earlier code marked are read for ever.

The files in ``fixtures`` were marked and written at commit 04eb983, of November 2026, with the tests' key. A
file is never written again: a change that no longer reads one of them loses pictures that were delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from worker.pictures.decode import decode_picture
from worker.watermark import Watermarker

Pixels = npt.NDArray[np.float32]

FIXTURES = Path(__file__).parent / "fixtures"
# Two photographs and an illustration with the spread-spectrum mark, and noise with the mark in cell means.
PAYLOADS = {
    "coffee.jpg": 0x0123456789ABCDEF,
    "astronaut.webp": 0xFEDCBA9876543210,
    "illustration.jpg": 0x00000000000000FF,
    "noise.png": 0xFFFFFFFFFFFFFFFF,
}
CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "halved": lambda rgb: np.asarray(
        cv2.resize(rgb, (rgb.shape[1] // 2, rgb.shape[0] // 2), interpolation=cv2.INTER_AREA), np.float32
    ),
    "a quarter of it": lambda rgb: rgb[rgb.shape[0] // 5 :, rgb.shape[1] // 4 :][
        : rgb.shape[0] // 2, : rgb.shape[1] // 2
    ],
    "turned": lambda rgb: np.rot90(rgb),
}


@pytest.mark.parametrize("file", PAYLOADS)
def test_an_older_file_is_read(file: str, marker: Watermarker) -> None:
    found = marker.detect(decode_picture((FIXTURES / file).read_bytes()).rgb, "whole")
    assert found.payload == PAYLOADS[file]
    assert found.score > 0.9


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("file", [file for file in PAYLOADS if file != "noise.png"])
def test_an_older_file_is_read_after_it_was_changed(file: str, change: str, marker: Watermarker) -> None:
    rgb = decode_picture((FIXTURES / file).read_bytes()).rgb
    assert marker.detect(np.ascontiguousarray(CHANGES[change](rgb))).payload == PAYLOADS[file]
