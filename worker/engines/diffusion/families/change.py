"""The arguments of a pipeline that starts from an image and draws over a share of it."""

from __future__ import annotations

from math import ceil
from typing import Any

import torch

from worker.engines.diffusion import images
from worker.engines.framing import Pixels, Size, framed
from worker.engines.protocol import Brief

_FUZZ = 1e-6  # the pipelines multiply floats and cut the product off


def change(brief: Brief, native: Size, steps: int, usual_strength: float) -> dict[str, Any]:
    """The first image at the native size, how much of it is drawn anew, and the steps for that."""
    strength = usual_strength if brief.strength is None else brief.strength
    return {
        "image": images.tensor(_framed(brief.images[0], brief, native)),
        "strength": strength,
        "num_inference_steps": steps_at(strength, steps),
    }


def region(brief: Brief, native: Size, steps: int) -> dict[str, Any]:
    """The same inside the mask, anew from the noise if no strength is given; without a mask, everywhere."""
    width, height = native
    mask = torch.ones(1, 1, height, width)
    if brief.mask is not None:
        mask = images.mask_tensor(_framed(brief.mask, brief, native))
    return change(brief, native, steps, 1.0) | {"mask_image": mask, "width": width, "height": height}


def steps_at(strength: float, steps: int) -> int:
    """The steps asked for, or as many more as the strength needs to mean anything.

    A pipeline skips all but ``strength`` of its steps, in whole steps. One must be left; and below full
    strength one should be skipped, or else the image that is changed never shows through the noise.
    """
    if strength == 1:
        return steps
    to_leave_one, to_skip_one = ceil(1 / strength + _FUZZ), ceil(1 / (1 - strength) + _FUZZ)
    return max(steps, to_leave_one, to_skip_one if to_skip_one <= 2 * steps else 0)


def _framed(picture: Pixels, brief: Brief, native: Size) -> Pixels:
    return framed(picture, (brief.width, brief.height), native)
