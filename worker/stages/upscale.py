"""Upscale: from the model's own size to exactly the pixels that were asked for.

What a model drew is enlarged by the network that was trained for it, where there is one; all else, and the
last bit of the way, by Lanczos interpolation. The manifest says which.
"""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.manifest import UpscaleFacts
from worker.stages.work import Enlarger, PictureInProgress, Tools, Work

_TILE, _SMALL_TILE = 1024, 256  # output rows at a time
_NETWORK_TILE, _SMALL_NETWORK_TILE = 256, 64  # input pixels
_REACH = 8  # input rows that a Lanczos kernel of radius 4 sees beyond its own, with room to spare
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
    tile, network_tile = (_SMALL_TILE, _SMALL_NETWORK_TILE) if work.small_tiles else (_TILE, _NETWORK_TILE)
    while enlarger and _factor(rgb, work) > _WORTH_A_NETWORK:
        rgb, method = enlarger.enlarge(rgb, network_tile), enlarger.name
    return resize(rgb, work.width, work.height, tile), method


def _factor(rgb: np.ndarray, work: Work) -> float:
    """How many times larger the picture has to become, in its shorter way."""
    return min(work.width / rgb.shape[1], work.height / rgb.shape[0])


def resize(rgb: np.ndarray, width: int, height: int, tile: int = _TILE) -> np.ndarray:
    """float32 (height, width, 3): fills the wanted shape, centred; what does not fit its ratio is cut."""
    rgb = _cut(rgb, width / height)
    if rgb.shape[0] >= height and rgb.shape[1] >= width:
        return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
    return _lanczos(rgb, width, height, tile)


def _cut(rgb: np.ndarray, ratio: float) -> np.ndarray:
    """The largest centred part of the picture that has the ratio, to the pixel."""
    height, width = rgb.shape[:2]
    wide, tall = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - tall) // 2
    return rgb[top : top + tall, left : left + wide]


def _lanczos(rgb: np.ndarray, width: int, height: int, tile: int) -> np.ndarray:
    """Strip by strip, so that a large picture needs no second copy; each strip sees past its edges."""
    out = np.empty((height, width, 3), np.float32)
    across, down = rgb.shape[1] / width, rgb.shape[0] / height
    for top in range(0, height, tile):
        rows = min(tile, height - top)
        first = max(0, int(top * down) - _REACH)
        last = min(rgb.shape[0], int((top + rows) * down) + 1 + _REACH)
        # Where each output pixel's centre lies in the strip: as cv2.resize has it, shifted to the strip.
        ys = (np.arange(top, top + rows, dtype=np.float32) + 0.5) * down - 0.5 - first
        xs = (np.arange(width, dtype=np.float32) + 0.5) * across - 0.5
        map_x, map_y = np.meshgrid(xs, ys)
        out[top : top + rows] = cv2.remap(
            rgb[first:last], map_x, map_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        )
    return np.clip(out, 0, 1, out=out)
