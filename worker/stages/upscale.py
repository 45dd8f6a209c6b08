"""Upscale: from the model's own size to exactly the pixels that were asked for.

What a model drew is enlarged by the network that was trained for it, where there is one, as long as that
makes no more pixels than are wanted; the rest of the way, and what callers gave from the start, by the
network for any picture; the last bit by Lanczos interpolation. From 256 pixels a side, with a network of the
model's own that enlarges fourfold and another that doubles: 512 is one doubling, 1K one pass of the model's
own, 2K that and a doubling, 4K the model's own twice. The manifest says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from functions.contract.manifest import UpscaleFacts
from worker.pictures.tiled_enlargement import TILE
from worker.stages.watermark import foresee_watermark
from worker.stages.work import EngineTools, Enlarger, PictureInProgress, Work

_SMALL_TILE = 64  # pixels of the small picture that the network sees at a time, where memory is short
# A factor. Where less than it is missing, interpolation shows little loss; where a pass makes less than it
# too much, that is at most twice the pixels.
_NEARLY = 1.4


def upscale(work: Work, tools: EngineTools) -> Work:
    """Raises OutOfMemory where a network runs out of it, ModelUnavailable, and WatermarkFailed: see there."""
    models = [None] if work.request.task == "upscale" else [work.model, None]
    if work.request.task == "upscale":
        work.pictures = [PictureInProgress(n=0, seed=work.seed, rgb=work.images[0])]
    for picture in work.pictures:
        if tools.watermark_proof != "exact":
            foresee_watermark(resize(picture.rgb, work.width, work.height), picture.n, work, tools)
        height, width = picture.rgb.shape[:2]
        if (width, height) != (work.width, work.height):
            networks = [network for model in models if (network := tools.enlarger(model))]
            picture.rgb, method = _to_size(picture.rgb, work, networks)
            picture.upscale = UpscaleFacts(method=method, from_width=width, from_height=height)
    return work


def _to_size(rgb: np.ndarray, work: Work, networks: Sequence[Enlarger]) -> tuple[np.ndarray, str]:
    """The picture at the work's size, and the methods' names; of the networks those before are preferred."""
    tile = _SMALL_TILE if work.small_tiles else TILE
    passes = list(plan(_factor(rgb, work), networks))
    for network in passes:
        rgb = network.enlarge(rgb, tile)
    methods = "+".join(dict.fromkeys(network.name for network in passes))
    return resize(rgb, work.width, work.height), methods or "lanczos"


def plan(factor: float, networks: Sequence[Enlarger]) -> Iterator[Enlarger]:
    """The passes that make a picture ``factor`` times larger, or nearly so.

    Each is the first network that makes hardly more than is wanted, or else the one that makes least.
    """
    while networks and factor > _NEARLY:
        fitting = (network for network in networks if network.factor <= factor * _NEARLY)
        chosen = next(fitting, min(networks, key=lambda network: network.factor))
        yield chosen
        factor /= chosen.factor


def _factor(rgb: np.ndarray, work: Work) -> float:
    """How many times larger the picture has to become, in its shorter way."""
    return min(work.width / rgb.shape[1], work.height / rgb.shape[0])


def resize(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """float32 (height, width, 3): fills the wanted shape, centred; what does not fit its ratio is cut."""
    rgb = _cut(rgb, width / height)
    if rgb.shape[:2] == (height, width):
        return np.clip(rgb, 0, 1)
    smaller = rgb.shape[0] >= height and rgb.shape[1] >= width
    method = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.clip(cv2.resize(rgb, (width, height), interpolation=method), 0, 1)


def _cut(rgb: np.ndarray, ratio: float) -> np.ndarray:
    """The largest centred part of the picture that has the ratio, to the pixel."""
    height, width = rgb.shape[:2]
    wide, tall = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - tall) // 2
    return rgb[top : top + tall, left : left + wide]
