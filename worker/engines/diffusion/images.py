"""Converts pictures for pipelines: to tensors, or to PIL images for those that take nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from worker.engines.protocol import Mask, Picture


def picture_tensor(picture: Picture) -> Any:
    """Returns (1, 3, H, W), 0..1, which image processors do not round to 8 bits."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]


def mask_tensor(mask: Mask) -> Any:
    """Returns (1, 1, H, W), 0..1."""
    return torch.from_numpy(np.ascontiguousarray(mask))[None, None]


def pil_image(picture: Picture) -> Image.Image:
    """Returns an image of 8 bits a channel, rounded to the nearest level."""
    return Image.fromarray(np.rint(picture * 255).astype(np.uint8))
