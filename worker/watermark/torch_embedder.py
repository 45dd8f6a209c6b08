"""The embedder in torch, for large pictures and a GPU: its arithmetic on all of a picture's pixels.

The mark itself is made on the CPU, in the small canonical view, and so are the JPEG copies. The result equals
``embedder``'s to the precision of floats. Resampling is two multiplications by matrices of OpenCV's weights.
"""

from __future__ import annotations

import numpy as np
import torch

from worker.watermark.canonical_view import SHORT_SIDE, WEIGHTS, Luma, Pixels
from worker.watermark.carriers import Floats
from worker.watermark.informed_embedding import deviation_of

CUBIC = -0.75  # the kernel's free parameter, as OpenCV has it


def to_canonical_view(rgb: Pixels, device: str) -> Luma:
    """Does what ``canonical_view.to_canonical_view`` does, on ``device`` ("cuda", "cuda:1", "cpu")."""
    picture = _to_device(rgb, device)
    height, width = rgb.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    small = _resize_pixels(picture, round(height * scale), round(width * scale)).clamp_(0, 1)
    return (small @ torch.from_numpy(WEIGHTS * 255).to(device)).cpu().numpy()


def add_pattern(rgb: Pixels, pattern: Luma, device: str) -> Pixels:
    """Does what ``embedder.add_pattern`` does, on ``device``."""
    enlarged = _resize_pixels(_to_device(pattern, device)[..., None], *rgb.shape[:2])
    enlarged *= deviation_of(pattern) / 255 / torch.sqrt(torch.mean(enlarged * enlarged)).clamp_min(1e-9)
    return (_to_device(rgb, device) + enlarged).clamp_(0, 1).cpu().numpy()


def _to_device(pixels: Pixels, device: str) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels)).to(device)


def _resize_pixels(picture: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Does what ``canonical_view.resize_pixels`` does, for (H, W, C)."""
    weights = _area_weights if height < picture.shape[0] else _cubic_weights
    down, across = (
        torch.from_numpy(weights(before, after)).to(picture.device)
        for before, after in zip(picture.shape[:2], (height, width), strict=True)
    )
    return torch.einsum("hH,HWc,wW->hwc", down, picture, across)


def _area_weights(before: int, after: int) -> Pixels:
    """Returns the weights of an area average: (after, before)."""
    starts = np.arange(after)[:, None] * (before / after)
    places = np.arange(before)
    covered = np.minimum(starts + before / after, places + 1) - np.maximum(starts, places)
    return (np.clip(covered, 0, None) * (after / before)).astype(np.float32)


def _cubic_weights(before: int, after: int) -> Pixels:
    """Returns the weights (after, before) of cubic convolution (Keys, 1981), with the edges repeated."""
    centres = (np.arange(after) + 0.5) * (before / after) - 0.5
    first = np.floor(centres).astype(np.int64) - 1
    weights = np.zeros((after, before), np.float32)
    for offset in range(4):
        places = np.clip(first + offset, 0, before - 1)
        np.add.at(weights, (np.arange(after), places), _cubic_kernel(np.abs(centres - first - offset)))
    return weights


def _cubic_kernel(distance: Floats) -> Floats:
    near = ((CUBIC + 2) * distance - (CUBIC + 3)) * distance**2 + 1
    far = CUBIC * (((distance - 5) * distance + 8) * distance - 4)
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))
