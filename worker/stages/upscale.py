"""Upscale: from the model's own size to exactly the pixels that were asked for.

What a model drew is first enlarged by the network that was trained for it, where there is one; from there on,
and what callers gave from the start, by the network for any picture; the last bit of the way by Lanczos
interpolation. The manifest says which.
"""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.manifest import UpscaleFacts
from worker.stages.work import Enlarger, PictureInProgress, Tools, Work

_TILE, _SMALL_TILE = 256, 64  # pixels of the small picture that the network sees at a time
_WORTH_A_NETWORK = 1.4  # below, interpolation shows little loss, and a network would make far too much


def upscale(work: Work, tools: Tools) -> Work:
    """Raises OutOfMemory where a network runs out of it, and ModelUnavailable."""
    own = None
    if work.request.task == "upscale":
        work.pictures = [PictureInProgress(n=0, seed=work.seed, rgb=work.images[0])]
    else:
        own = tools.enlarger(work.model)
    for picture in work.pictures:
        height, width = picture.rgb.shape[:2]
        if (width, height) != (work.width, work.height):
            picture.rgb, method = _to_size(picture.rgb, work, own, tools)
            picture.upscale = UpscaleFacts(method=method, from_width=width, from_height=height)
    return work


def _to_size(rgb: np.ndarray, work: Work, own: Enlarger | None, tools: Tools) -> tuple[np.ndarray, str]:
    """The picture at the work's size, and the methods' names."""
    tile = _SMALL_TILE if work.small_tiles else _TILE
    methods: list[str] = []
    enlarger = own
    while _factor(rgb, work) > _WORTH_A_NETWORK:
        enlarger = enlarger or tools.enlarger(None)
        if enlarger is None:
            break
        rgb = enlarger.enlarge(rgb, tile)
        methods.append(enlarger.name)
        enlarger = tools.enlarger(None) or own
    return resize(rgb, work.width, work.height), "+".join(dict.fromkeys(methods)) or "lanczos"


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
