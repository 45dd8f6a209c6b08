"""The job that ``txt2img`` or ``img2img`` asks for."""

from __future__ import annotations

from collections.abc import Callable

from ...contract.errors import InvalidRequest, UnsupportedSize
from ...contract.request import JobRequest
from ...contract.settings import Settings
from ...intake.admission import JobPlan
from ...intake.strict_json import parse_model
from ..model_names import resolve_model
from ..picture_sizes import fields_of_pixels, nearest_size
from ..pictures import picture_from_base64
from .image_fields import RANDOM, ImageToImage, TextToImage

LABEL = {"dialect": "sdwebui"}
"""Marks the jobs of this interface: its progress and its interrupt concern no others."""

_DEFAULT_SIDE = 512  # the WebUI's own


def text_to_image_job(fields: TextToImage, settings: Settings) -> JobRequest:
    """Returns the job that draws from a prompt. Raises InvalidRequest, UnsupportedSize and UnknownModel."""
    width, height = fields.wanted_size or (_DEFAULT_SIDE, _DEFAULT_SIDE)
    return _parse("generate", fields, settings, fields_of_pixels(width, height))


def image_to_image_job(fields: ImageToImage, settings: Settings) -> JobRequest:
    """Returns the job that changes a picture. Raises as ``text_to_image_job``, and for pictures that are not
    base64.
    """
    if len(fields.init_images) != 1:
        raise InvalidRequest("Send one picture to change.", field="init_images")
    given: dict[str, object] = {"images": [picture_from_base64(fields.init_images[0], "init_images[0]")]}
    if fields.mask:
        given["mask"] = picture_from_base64(fields.mask, "mask")
    if fields.denoising_strength is not None:
        given["strength"] = float(fields.denoising_strength)
    if fields.allow_outside_domain is not None:
        given["allow_outside_domain"] = fields.allow_outside_domain
    if fields.wanted_size and nearest_size(*fields.wanted_size) == fields.wanted_size:
        given |= fields_of_pixels(*fields.wanted_size)
    return _parse("edit", fields, settings, given)


def size_check(fields: TextToImage | ImageToImage) -> Callable[[JobPlan], None]:
    """Returns a check that the planned size is the requested one. It raises UnsupportedSize.

    With a size that cannot be made exactly an edit keeps its picture's own, which usually is what a client
    asks for.
    """
    wanted = fields.wanted_size

    def check(plan: JobPlan) -> None:
        if wanted and wanted != (plan.width, plan.height):
            raise UnsupportedSize(_advise(*wanted), field="width")

    return check


def _parse(
    task: str, fields: TextToImage | ImageToImage, settings: Settings, further: dict[str, object]
) -> JobRequest:
    given = {
        "task": task,
        "prompt": fields.prompt,
        "negative_prompt": fields.negative_prompt or None,
        "steps": fields.steps,
        "guidance": None if fields.cfg_scale is None else float(fields.cfg_scale),
        "seed": None if fields.seed == RANDOM else fields.seed,
        "count": fields.count,
        "model": resolve_model(settings, fields.checkpoint),
        "lettering": fields.lettering,
        "labels": LABEL,
        **further,
    }
    return parse_model(JobRequest, {name: value for name, value in given.items() if value is not None})


def _advise(width: int, height: int) -> str:
    """Returns why a size is refused, with the nearest one that can be had: no picture is delivered in another
    size than the requested one.
    """
    nearest = nearest_size(width, height)
    return f"{width}×{height} cannot be delivered: ask for {nearest[0]}×{nearest[1]}."
