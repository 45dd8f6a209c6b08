"""Pictures as pipelines take them: as tensors, or as PIL where nothing else is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from worker.engines.protocol import Mask, Picture


def tensor(picture: Picture) -> Any:
    """(1, 3, H, W), 0..1: what an image processor takes without rounding it to 8 bits."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]


def mask_tensor(mask: Mask) -> Any:
    """(1, 1, H, W), 0..1."""
    return torch.from_numpy(np.ascontiguousarray(mask))[None, None]


def pil(picture: Picture) -> Image.Image:
    """8 bits a channel, rounded to the nearest."""
    return Image.fromarray(np.rint(picture * 255).astype(np.uint8))
