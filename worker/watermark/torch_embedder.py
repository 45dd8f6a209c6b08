"""The embedder's arithmetic on all of a picture's pixels, in torch, where they are many and a GPU is there.

The mark itself is made in the canonical view, which is small, on the CPU, as JPEG is; it is the same mark to
the precision of floats. Resampling is two multiplications by matrices that hold OpenCV's own weights.
"""

from __future__ import annotations

import numpy as np
import torch

from worker.watermark.canonical_view import SHORT_SIDE, WEIGHTS, Pixels
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.informed_embedding import SHARED, Aim, Mark, deviation_of

CUBIC = -0.75  # the kernel's free parameter, as OpenCV has it


def embed(
    rgb: Pixels, code: Floats, carriers: Carriers, psnr: float, device: str, aim: Aim = SHARED
) -> Pixels:
    """As ``embedder.embed``, on ``device`` ("cuda", "cuda:1", "cpu")."""
    deviation = 255 * 10 ** (-psnr / 20)
    picture = torch.from_numpy(np.ascontiguousarray(rgb)).to(device)
    height, width = rgb.shape[:2]
    luma = _canonical(picture).cpu().numpy()
    pattern = Mark(luma, code, carriers, deviation, min(height, width), aim).informed()
    laid = _resized(torch.from_numpy(pattern).to(device)[..., None], height, width)
    laid *= deviation_of(pattern) / 255 / torch.sqrt(torch.mean(laid * laid)).clamp_min(1e-9)
    return (picture + laid).clamp_(0, 1).cpu().numpy()


def _canonical(picture: torch.Tensor) -> torch.Tensor:
    """``canonical.canonical`` of (H, W, 3)."""
    height, width = picture.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    small = _resized(picture, round(height * scale), round(width * scale)).clamp_(0, 1)
    return small @ torch.from_numpy(WEIGHTS * 255).to(picture.device)


def _resized(picture: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """``canonical.resized`` of (H, W, C)."""
    weights = _areas if height < picture.shape[0] else _cubics
    down, across = (
        torch.from_numpy(weights(before, after)).to(picture.device)
        for before, after in zip(picture.shape[:2], (height, width), strict=True)
    )
    return torch.einsum("hH,HWc,wW->hwc", down, picture, across)


def _areas(before: int, after: int) -> Pixels:
    """Each place's share of the places that it covers: (after, before)."""
    starts = np.arange(after)[:, None] * (before / after)
    places = np.arange(before)
    covered = np.minimum(starts + before / after, places + 1) - np.maximum(starts, places)
    return (np.clip(covered, 0, None) * (after / before)).astype(np.float32)


def _cubics(before: int, after: int) -> Pixels:
    """The weights of the four nearest places (Keys, 1981), the outermost ones repeated: (after, before)."""
    centres = (np.arange(after) + 0.5) * (before / after) - 0.5
    first = np.floor(centres).astype(np.int64) - 1
    weights = np.zeros((after, before), np.float32)
    for offset in range(4):
        places = np.clip(first + offset, 0, before - 1)
        np.add.at(weights, (np.arange(after), places), _kernel(np.abs(centres - first - offset)))
    return weights


def _kernel(distance: Floats) -> Floats:
    near = ((CUBIC + 2) * distance - (CUBIC + 3)) * distance**2 + 1
    far = CUBIC * (((distance - 5) * distance + 8) * distance - 4)
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))
