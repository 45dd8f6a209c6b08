"""The arguments of pipelines that start from an image and redraw a share of it."""

from __future__ import annotations

from math import ceil
from typing import Any

import torch

from worker.engines.diffusion import images
from worker.engines.framing import Pixels, Size, frame_for_native
from worker.engines.protocol import Brief

_FUZZ = 1e-6  # the pipelines multiply floats and truncate the product


def change_arguments(brief: Brief, native: Size, steps: int, usual_strength: float) -> dict[str, Any]:
    """Returns the first image at the native size, the strength of its change, and the steps for that."""
    strength = usual_strength if brief.strength is None else brief.strength
    return {
        "image": images.picture_tensor(_framed(brief.images[0], brief, native)),
        "strength": strength,
        "num_inference_steps": steps_for_strength(strength, steps),
    }


def region_arguments(brief: Brief, native: Size, steps: int) -> dict[str, Any]:
    """Returns the same for a change inside the mask; without a mask, everywhere.

    If no strength is given, the region is drawn from noise alone.
    """
    width, height = native
    mask = torch.ones(1, 1, height, width)
    if brief.mask is not None:
        mask = images.mask_tensor(_framed(brief.mask, brief, native))
    return change_arguments(brief, native, steps, 1.0) | {
        "mask_image": mask,
        "width": width,
        "height": height,
    }


def steps_for_strength(strength: float, steps: int) -> int:
    """Returns the requested steps, or more if the strength needs them.

    A pipeline takes only a share of ``strength`` of its steps, in whole steps. At least one must be left.
    Below full strength at least one should be skipped, or else nothing of the image shows through the noise.
    """
    if strength == 1:
        return steps
    to_leave_one, to_skip_one = ceil(1 / strength + _FUZZ), ceil(1 / (1 - strength) + _FUZZ)
    return max(steps, to_leave_one, to_skip_one if to_skip_one <= 2 * steps else 0)


def _framed(picture: Pixels, brief: Brief, native: Size) -> Pixels:
    return frame_for_native(picture, (brief.width, brief.height), native)
