"""Upscale: from the model's own size to exactly the requested pixels.

A drawn picture is enlarged by the networks that were trained for its model, as long as they make no more
pixels than are wanted. The network for any picture does the rest, and all of a caller's own picture. After
the model's first pass the smaller factors come first, while the picture has few pixels. Lanczos interpolation
does the last bit. With a model that draws 64 pixels a side, two networks of its own of factor 4 and the other
of factor 2:

| wanted | passes                                 |
|--------|----------------------------------------|
| 256    | the model's first                      |
| 512    | the model's first, any                 |
| 1K     | the model's first, its second          |
| 2K     | the model's first, any, its second     |
| 4K     | the model's first, its second twice    |

The manifest names the networks. A new picture in pixel art that was drawn with few pixels keeps them, as
squares (``nearest``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from functions.contract.manifest import UpscaleFacts
from worker.engines.protocol import Enlarger
from worker.pictures.pixel_art import is_pixel_art, repeat_pixels
from worker.pictures.tiled_enlargement import TILE
from worker.stages.tools import EngineTools
from worker.stages.watermark import check_markable
from worker.stages.work import PictureInProgress, Work

_SMALL_TILE = 64  # pixels of the small picture that the network sees at a time, where memory is short
# A factor. If a smaller one is missing, interpolation loses little. If a pass overshoots by less, it makes at
# most twice the pixels.
_NEARLY_ENOUGH = 1.4


def upscale(work: Work, tools: EngineTools) -> Work:
    """Brings each picture to the work's size. Raises OutOfMemory, ModelUnavailable and WatermarkFailed."""
    own = () if work.request.task == "upscale" else tools.enlargers(work.model)
    if work.request.task == "upscale":
        work.pictures = [PictureInProgress(n=0, seed=work.seed, rgb=work.images[0])]
    for picture in work.pictures:
        if tools.watermark_proof != "exact":
            check_markable(resize_to_fill(picture.rgb, work.width, work.height), picture.n, work, tools)
        height, width = picture.rgb.shape[:2]
        if (width, height) != (work.width, work.height):
            picture.rgb, method = _to_size(picture.rgb, work, own, tools.enlargers(None))
            picture.upscale = UpscaleFacts(method=method, from_width=width, from_height=height)
    return work


def _to_size(
    rgb: np.ndarray, work: Work, own: Sequence[Enlarger], others: Sequence[Enlarger]
) -> tuple[np.ndarray, str]:
    """Returns the picture at the work's size, and the methods' names."""
    if own and work.request.task != "edit" and is_pixel_art(rgb, work.intent):
        return resize_to_fill(repeat_pixels(rgb, _factor(rgb, work)), work.width, work.height), "nearest"
    tile = _SMALL_TILE if work.small_tiles else TILE
    passes = plan_passes(_factor(rgb, work), own, others)
    for network in passes:
        rgb = network.enlarge(rgb, tile)
    methods = "+".join(dict.fromkeys(network.name for network in passes))
    return resize_to_fill(rgb, work.width, work.height), methods or "lanczos"


def plan_passes(
    factor: float, own: Sequence[Enlarger], others: Sequence[Enlarger] = ()
) -> Sequence[Enlarger]:
    """Returns the networks whose passes make a picture about ``factor`` times larger.

    ``own`` are the model's, in the order of its passes; the last one makes all further passes. The model's
    first network sees the picture as it was drawn; the passes after it go from the least factor to the
    largest.
    """
    passes = list(_choose_passes(factor, own, others))
    return [*passes[:1], *sorted(passes[1:], key=lambda network: network.factor)]


def _choose_passes(factor: float, own: Sequence[Enlarger], others: Sequence[Enlarger]) -> Iterator[Enlarger]:
    """Yields the model's next network or the first of ``others`` that makes hardly more than is wanted.

    Where there is none, it is the one of the least factor.
    """
    while (networks := [*own[:1], *others]) and factor > _NEARLY_ENOUGH:
        fitting = (network for network in networks if network.factor <= factor * _NEARLY_ENOUGH)
        chosen = next(fitting, min(networks, key=lambda network: network.factor))
        yield chosen
        factor /= chosen.factor
        own = own[1:] or own


def _factor(rgb: np.ndarray, work: Work) -> float:
    """Returns how many times larger the picture must become: the lesser of width and height."""
    return min(work.width / rgb.shape[1], work.height / rgb.shape[0])


def resize_to_fill(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns float32 (height, width, 3): the picture fills the size, centred and cropped to its ratio."""
    rgb = _crop_to_ratio(rgb, width / height)
    if rgb.shape[:2] == (height, width):
        return np.clip(rgb, 0, 1)
    smaller = rgb.shape[0] >= height and rgb.shape[1] >= width
    method = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.clip(cv2.resize(rgb, (width, height), interpolation=method), 0, 1)


def _crop_to_ratio(rgb: np.ndarray, ratio: float) -> np.ndarray:
    """Returns the largest centred part of the picture with the ratio, to the pixel."""
    height, width = rgb.shape[:2]
    wide, tall = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - tall) // 2
    return rgb[top : top + tall, left : left + wide]
