"""Surroundings: an outpaint is drawn in the picture's own light, unless the prompt names another."""

from __future__ import annotations

import numpy as np

from worker.engines.protocol import Mask, Picture
from worker.stages.tools import EngineTools
from worker.stages.work import Work


def surroundings(work: Work, tools: EngineTools) -> Work:
    """Adds the picture's light to the prompt, if it can be recognised."""
    assert work.intent is not None and work.mask is not None, "see applies"  # noqa: S101 - see Stage.applies
    light = tools.vision.light(work.model, _picture_inside(work.images[0], work.mask))
    if light is not None:
        prompt = f"{work.intent.prompt} {light.words}"
        work.intent = work.intent.model_copy(update={"light": light.name, "prompt": prompt})
    return work


def leaves_light_open(work: Work) -> bool:
    """Returns True for an outpaint with a prompt that names no light."""
    is_asked = work.request.task == "outpaint" and work.intent is not None
    return is_asked and work.intent is not None and bool(work.intent.prompt) and work.intent.light is None


def _picture_inside(frame: Picture, mask: Mask) -> Picture:
    """Returns the part of the frame (H, W, 3) that is the picture: the rectangle where the mask is 0."""
    rows, columns = np.flatnonzero((mask == 0).any(axis=1)), np.flatnonzero((mask == 0).any(axis=0))
    return frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
