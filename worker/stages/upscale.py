"""Upscale: from the model's own size to exactly the pixels that were asked for.

What a model drew is enlarged by the network that was trained for it, where there is one; all else, and the
last bit of the way, by Lanczos interpolation. The manifest says which.
"""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.manifest import UpscaleFacts
from worker.stages.work import Enlarger, PictureInProgress, Tools, Work

_TILE, _SMALL_TILE = 256, 64  # pixels of the small picture that the network sees at a time
_WORTH_A_NETWORK = 1.25  # below this interpolation shows no loss


def upscale(work: Work, tools: Tools) -> Work:
    """Raises OutOfMemory where a network runs out of it."""
    if work.request.task == "upscale":
        work.pictures = [PictureInProgress(n=0, seed=work.seed, rgb=work.images[0])]
        enlarger = None
    else:
        enlarger = tools.enlarger(work.model)
    for picture in work.pictures:
        height, width = picture.rgb.shape[:2]
        if (width, height) != (work.width, work.height):
            picture.rgb, method = _to_size(picture.rgb, work, enlarger)
            picture.upscale = UpscaleFacts(method=method, from_width=width, from_height=height)
    return work


def _to_size(rgb: np.ndarray, work: Work, enlarger: Enlarger | None) -> tuple[np.ndarray, str]:
    """The picture at the work's size, and the name of the method."""
    method = "lanczos"
    tile = _SMALL_TILE if work.small_tiles else _TILE
    while enlarger and _factor(rgb, work) > _WORTH_A_NETWORK:
        rgb, method = enlarger.enlarge(rgb, tile), enlarger.name
    return resize(rgb, work.width, work.height), method


def _factor(rgb: np.ndarray, work: Work) -> float:
    """How many times larger the picture has to become, in its shorter way."""
    return min(work.width / rgb.shape[1], work.height / rgb.shape[0])


def resize(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """float32 (height, width, 3): fills the wanted shape, centred; what does not fit its ratio is cut."""
    rgb = _cut(rgb, width / height)
    smaller = rgb.shape[0] >= height and rgb.shape[1] >= width
    method = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.clip(cv2.resize(rgb, (width, height), interpolation=method), 0, 1)


def _cut(rgb: np.ndarray, ratio: float) -> np.ndarray:
    """The largest centred part of the picture that has the ratio, to the pixel."""
    height, width = rgb.shape[:2]
    wide, tall = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - tall) // 2
    return rgb[top : top + tall, left : left + wide]
