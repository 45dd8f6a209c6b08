"""The limits of each kind of engine, as far as they are known before a worker loads the model.

The worker's engines refuse the same; here it is refused before anything is written or paid for.
"""

from __future__ import annotations

from typing import Literal

from .request import JobRequest

Engine = Literal["mock", "gemini", "onnx", "diffusers"]
Feature = Literal[
    "negative_prompt", "steps", "guidance", "strength", "region", "references", "animate", "pictures"
]

REFUSED: dict[Engine, frozenset[Feature]] = {
    "mock": frozenset(),
    # The API has no such parameters, and these models draw no clips.
    "gemini": frozenset({"steps", "guidance", "strength", "animate"}),
    "onnx": frozenset({"strength", "region", "animate"}),  # exported without edits of a region
    "diffusers": frozenset(),  # by the checkpoint: PLANTAIN_MODEL_REFUSES
}
DEFAULT_GEMINI = "gemini-3.1-flash-image"
PAID: frozenset[Engine] = frozenset({"gemini"})  # each drawing is a call that is billed


def engine_of(source: str) -> Engine:
    """Returns the engine that draws with a model, from the model's source in ``PLANTAIN_MODELS``."""
    kind = source.partition(":")[0]
    if kind == "mock" or kind == "gemini" or kind == "onnx":
        return kind
    return "diffusers"


def gemini_id(source: str) -> str:
    """Returns the id of a Gemini model, from its source: the default model's where that is `gemini` alone."""
    return source.partition(":")[2] or DEFAULT_GEMINI


def requested_features(request: JobRequest) -> dict[Feature, str]:
    """Returns the features that the request needs of its engine, each with the field that asks for it."""
    if not request.is_drawn:
        return {}
    first_reference = 1 if request.task in ("edit", "outpaint", "animate") else 0
    fields: dict[Feature, str | None] = {
        "negative_prompt": "negative_prompt" if request.negative_prompt else None,
        "steps": None if request.steps is None else "steps",
        "guidance": None if request.guidance is None else "guidance",
        "strength": None if request.strength is None else "strength",
        "region": next(
            (name for name in ("mask", "region", "region_prompt") if getattr(request, name)), None
        ),
        "references": f"images[{first_reference}]" if len(request.images) > first_reference else None,
    }
    fields["animate" if request.task == "animate" else "pictures"] = "task"
    return {feature: field for feature, field in fields.items() if field}
