"""A suggestion as the body of ``POST /v1/jobs``, ready to be sent."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from functions.contract.manifest import SuggestionFacts
from functions.contract.request import JobRequest
from functions.contract.sizes import SIDE, AspectRatio, enclosing_frame

WIDE: AspectRatio = "16:9"
_ROOM = 1.05  # the least growth of the area by a new frame or a new size
_SIDES = range(256, 8192 + 1)  # of a picture that keeps its own size
_AREA = 4096 * 4096


def build_suggested_request(
    idea: SuggestionFacts, asked: JobRequest, width: int, height: int
) -> dict[str, Any] | None:
    """Builds the request for ``idea``, about the first picture of ``asked``, ``width`` × ``height`` px.

    An edit keeps the region, the mask or the region's name of ``asked``. Returns None if the picture is
    already as large, or as wide, as suggested, or if the request would be invalid.
    """
    fields = _request_fields(idea, asked, width, height)
    if fields is None:
        return None
    picture = asked.images[0].model_dump(mode="json", exclude_none=True)
    request = {"task": idea.task, "images": [picture], **fields}
    if asked.model is not None:
        request["model"] = asked.model
    try:
        JobRequest.model_validate(request)
    except ValidationError:  # a model may write what is no valid prompt, such as one that is too long
        return None
    return request


def _request_fields(
    idea: SuggestionFacts, asked: JobRequest, width: int, height: int
) -> dict[str, Any] | None:
    if idea.task == "upscale":
        size = next((size for size, side in SIDE.items() if side * side >= width * height * _ROOM), None)
        return None if size is None else {"size": _larger_size(idea, size)}
    if idea.task == "outpaint":
        return _wide_frame(idea, width, height)
    where = asked.model_dump(mode="json", exclude_none=True, include={"region", "mask", "region_prompt"})
    return {"prompt": idea.instruction, **where}


def _larger_size(idea: SuggestionFacts, least: str) -> str:
    """Returns the larger one of the suggested size and ``least``."""
    sizes = list(SIDE)
    wish = (idea.request or {}).get("size", least)
    return max(wish, least, key=sizes.index)


def _wide_frame(idea: SuggestionFacts, width: int, height: int) -> dict[str, Any] | None:
    across, down = enclosing_frame(width, height, WIDE)
    if across * down < width * height * _ROOM:
        return None
    fields: dict[str, Any] = {"aspect_ratio": WIDE}
    if idea.request is None:  # the instruction is a model's description of the wider frame
        fields["prompt"] = idea.instruction
    if across not in _SIDES or down not in _SIDES or across * down > _AREA:
        fields["size"] = next((size for size, side in SIDE.items() if side >= down), "4K")
    return fields
