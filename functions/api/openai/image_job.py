"""The job that a request for images asks for."""

from __future__ import annotations

from ...contract.errors import InvalidRequest
from ...contract.request import ImageInput, JobRequest
from ...contract.settings import Settings
from ...intake.strict_json import parse_model
from ..model_names import resolve_model
from .image_fields import ImageFields, Quality
from .image_sizes import size_fields

ATTEMPTS: dict[Quality, int] = {
    "low": 1,
    "standard": 2,
    "medium": 2,
    "high": 3,
    "hd": 3,
    "xhigh": 4,
    "max": 6,
}
"""How many drawings a picture may take until the critic is content. `auto` is the deployment's own default.
"""

VARIATION = "A new variation of this picture: the same subject, mood and style, arranged anew."


def generation_request(fields: ImageFields, settings: Settings) -> JobRequest:
    """Returns the job that draws from a prompt. Raises InvalidRequest, UnsupportedSize and UnknownModel.

    ``allow_outside_domain`` permits something that a new picture does not need.
    """
    if fields.strength is not None:
        raise InvalidRequest(
            "A strength says how much of a picture may change, and no picture was sent.", field="strength"
        )
    return parse_model(JobRequest, {"task": "generate", **_drawing_fields(fields, settings)})


def edit_request(
    fields: ImageFields, settings: Settings, pictures: tuple[ImageInput, ...], mask: ImageInput | None = None
) -> JobRequest:
    """Returns the job that changes the first of ``pictures``, where ``mask`` allows it. Raises as
    ``generation_request``.
    """
    given: dict[str, object] = {"task": "edit", "images": pictures, **_drawing_fields(fields, settings)}
    if mask is not None:
        given["mask"] = mask
    for name in ("strength", "allow_outside_domain"):
        if (value := getattr(fields, name)) is not None:
            given[name] = value
    return parse_model(JobRequest, given)


def _drawing_fields(fields: ImageFields, settings: Settings) -> dict[str, object]:
    if fields.prompt is None:
        raise InvalidRequest("Say in the prompt what to draw or to change.", field="prompt")
    found: dict[str, object] = {
        "prompt": fields.prompt,
        "negative_prompt": fields.negative_prompt,
        "model": resolve_model(settings, fields.model),
        "count": fields.n,
        "seed": fields.seed,
        "steps": fields.steps,
        "guidance": fields.guidance,
        "lettering": fields.lettering,
        "format": fields.output_format,
        "quality": _file_quality(fields),
        "labels": fields.labels or None,
        **size_fields(fields),
    }
    if fields.quality in ATTEMPTS:
        found["correction"] = {"attempts": ATTEMPTS[fields.quality]}
    return {name: value for name, value in found.items() if value is not None}


def _file_quality(fields: ImageFields) -> int | None:
    """Returns the quality of a lossy file; None where the request leaves it open."""
    if fields.output_compression is None or fields.output_format == "png":
        return None
    return max(1, fields.output_compression)
