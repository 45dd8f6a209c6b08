"""Pictures to mark, and the changes that sharing makes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import skimage
from PIL import Image, ImageDraw

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker

Pixels = npt.NDArray[np.float32]

PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "coffee": "coffee.png",
    "chelsea": "chelsea.png",
    "rocket": "rocket.jpg",
}


@pytest.fixture(scope="session")
def marker() -> Watermarker:
    return Watermarker(bytes(range(32)), version=1)


@pytest.fixture(scope="session")
def photograph() -> Callable[..., Pixels]:
    """photograph(name, short_side=512) → sRGB (H, W, 3) in 0–1, which is only read"""

    @cache
    def load(name: str, short_side: int = 512) -> Pixels:
        image = Image.open(Path(skimage.__file__).parent / "data" / PHOTOGRAPHS[name]).convert("RGB")
        scale = short_side / min(image.size)
        return _only_read(
            levels_to_floats(
                np.asarray(image.resize((round(image.width * scale), round(image.height * scale))))
            )
        )

    return load


@pytest.fixture(scope="session")
def illustration() -> Callable[..., Pixels]:
    """illustration(seed, side=512) → flat shapes in plain colours with smooth edges, as the starter draws"""

    @cache
    def draw(seed: int, side: int = 512) -> Pixels:
        random = np.random.default_rng(seed)
        image = Image.new("RGB", (2 * side, 2 * side), _random_colour(random))
        pen = ImageDraw.Draw(image)
        for _ in range(9):
            left, top, width, height = (int(value) for value in random.integers(0, 2 * side, 4))
            shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
            shape((left, top, left + width, top + height), fill=_random_colour(random))
        return _only_read(levels_to_floats(np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))))

    return draw


def _only_read(pixels: Pixels) -> Pixels:
    """Returns the pixels, which all tests share: to write to them is an error."""
    pixels.flags.writeable = False
    return pixels


def _random_colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(0, 256, 3))
    return red, green, blue


@pytest.fixture(scope="session")
def attacks() -> dict[str, Callable[[Pixels], Pixels]]:
    """Returns the changes of shared pictures, by name."""
    return {
        "none": lambda rgb: levels_to_floats(quantize(rgb, 8)),
        "16 bits": lambda rgb: levels_to_floats(quantize(rgb, 16)),
        "jpeg 75": lambda rgb: _recode(rgb, "JPEG", 75),
        "jpeg 50": lambda rgb: _recode(rgb, "JPEG", 50),
        "webp 50": lambda rgb: _recode(rgb, "WEBP", 50),
        "half size": _halve_size,
        "half size, jpeg 50": lambda rgb: _recode(_halve_size(rgb), "JPEG", 50),
        "flip": lambda rgb: rgb[:, ::-1],
        "crop to half": lambda rgb: rgb[50 : 50 + rgb.shape[0] * 7 // 10, 31 : 31 + rgb.shape[1] * 7 // 10],
        "crop to a quarter": lambda rgb: rgb[90:, 31:][: rgb.shape[0] // 2, : rgb.shape[1] // 2],
        "noise": lambda rgb: rgb + np.random.default_rng(0).normal(0, 0.02, rgb.shape).astype(np.float32),
        "blur": lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 1).astype(np.float32),
        "brighter": lambda rgb: np.clip(rgb * 1.3, 0, 1),
    }


def _recode(rgb: Pixels, format: str, quality: int) -> Pixels:
    file = BytesIO()
    Image.fromarray(quantize(rgb, 8)).save(file, format, quality=quality)
    return levels_to_floats(np.asarray(Image.open(file).convert("RGB")))


def _halve_size(rgb: Pixels) -> Pixels:
    size = (rgb.shape[1] // 2, rgb.shape[0] // 2)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
