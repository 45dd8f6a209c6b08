"""The tasks, and the fields of a request that each task uses."""

from __future__ import annotations

from typing import Literal

Task = Literal["generate", "edit", "sequence", "outpaint", "upscale", "animate", "suggest", "verify"]

_FILE = frozenset({"format", "bit_depth", "quality", "visible_mark"})
_DRAWN = _FILE | {
    "negative_prompt",
    "size",
    "aspect_ratio",
    "width",
    "height",
    "seed",
    "steps",
    "guidance",
    "correction",
    "lettering",
    "lettering_region",
    "model",
}

# Fields that say what to make. Fields that say how to run the job (labels, webhook …) suit every task.
TAKES: dict[Task, frozenset[str]] = {
    "generate": _DRAWN | {"prompt", "images", "count"},
    "edit": _DRAWN
    | {"prompt", "images", "count", "mask", "region", "region_prompt", "strength", "allow_outside_domain"},
    "sequence": _DRAWN | {"prompt", "prompts", "images"},
    "outpaint": _DRAWN | {"prompt", "images", "count"},
    # Admission refuses an upscale's ratio with a message about sizes.
    "upscale": _FILE | {"images", "size", "aspect_ratio", "width", "height", "seed", "model"},
    "animate": frozenset(
        {
            *("prompt", "negative_prompt", "images", "seconds", "fps", "format", "visible_mark"),
            *("size", "aspect_ratio", "width", "height", "seed", "steps", "guidance", "model"),
        }
    ),
    "suggest": frozenset({"images", "mask", "region", "region_prompt", "model"}),
    "verify": frozenset({"images"}),
}
OF_A_TASK = frozenset[str]().union(*TAKES.values())
NEED_A_PROMPT = frozenset[Task]({"generate", "edit", "animate"})
NEED_ONE_IMAGE = frozenset[Task]({"outpaint", "upscale", "suggest", "verify"})
WITHOUT_PICTURES = frozenset[Task]({"suggest", "verify"})  # their answer is in the manifest
WITHOUT_DRAWING = WITHOUT_PICTURES | {"upscale"}  # no engine draws for them
