"""Surroundings: what lies around a picture has the picture's light, unless the prompt says another."""

from __future__ import annotations

import numpy as np

from worker.engines.protocol import Mask, Picture
from worker.stages.work import EngineTools, Work


def surroundings(work: Work, tools: EngineTools) -> Work:
    """Adds the picture's light to the prompt of an outpaint that names none, where it can be told."""
    assert work.intent is not None and work.mask is not None, "see applies"  # noqa: S101 - see Stage.applies
    seen = tools.vision.light(work.model, _within(work.images[0], work.mask))
    if seen is not None:
        prompt = f"{work.intent.prompt} {seen.words}"
        work.intent = work.intent.model_copy(update={"light": seen.name, "prompt": prompt})
    return work


def names_no_light(work: Work) -> bool:
    """Tells whether the job is an outpaint with a prompt that leaves the light open."""
    is_asked = work.request.task == "outpaint" and work.intent is not None
    return is_asked and work.intent is not None and bool(work.intent.prompt) and work.intent.light is None


def _within(frame: Picture, mask: Mask) -> Picture:
    """Returns the part of the frame (H, W, 3) that is the picture: the rectangle where the mask is 0."""
    rows, columns = np.flatnonzero((mask == 0).any(axis=1)), np.flatnonzero((mask == 0).any(axis=0))
    return frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
