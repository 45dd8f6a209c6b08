"""What a request to edit or to vary pictures sends: fields and files in a form, or JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...contract.errors import InvalidRequest
from ...contract.request import ImageInput, JobRequest
from ...intake.strict_json import parse_json_object
from ..api_call import ApiCall
from ..form_data import FORM, read_form
from ..pictures import picture_from_bytes
from ..request_body import BODIES, read_body
from .edit_mask import job_mask
from .errors import unknown_parameter
from .image_fields import ImageFields, read_image_fields
from .image_job import VARIATION, edit_request
from .picture_sources import PICTURE_BOUNDS, PictureReader

_IMAGE = re.compile(r"image(?:\[[0-9]{0,3}\])?\Z")  # image, image[] and image[0]: as clients differ
_MASK = "mask"
_NO_MARKUP = "A markup is not supported here: draw it into the image, or send a mask."


def read_edit(call: ApiCall, limit: int, deployment: str | None) -> tuple[ImageFields, JobRequest]:
    """Returns the fields and the job of a request to edit, from a body of at most ``limit`` bytes.

    Raises InvalidRequest, and what reading a body, a form, a picture or a mask raises.
    """
    if call.request.mimetype == FORM:
        fields, pictures, mask = _read_edit_form(call, limit, deployment)
    else:
        fields, pictures, mask = _read_edit_json(call, limit, deployment)
    return fields, edit_request(fields, call.services.settings, pictures, mask)


def edit_of_json(reader: PictureReader, given: Mapping[str, Any]) -> tuple[ImageFields, JobRequest]:
    """Returns the fields and the job of the JSON of a request to edit. Raises as ``read_edit``."""
    fields, pictures, mask = _read_edit_fields(reader, dict(given), None)
    return fields, edit_request(fields, reader.services.settings, pictures, mask)


def read_variation(call: ApiCall, limit: int, deployment: str | None) -> tuple[ImageFields, JobRequest]:
    """Returns the fields and the job of a request for variations. Raises as ``read_edit``."""
    fields, pictures, mask = _read_edit_form(call, limit, deployment)
    if mask is not None:
        raise unknown_parameter(_MASK)
    if len(pictures) != 1:
        raise InvalidRequest("A variation is made of one image.", field="image")
    varied = fields.model_copy(update={"prompt": fields.prompt or VARIATION})
    return varied, edit_request(varied, call.services.settings, pictures)


_Edit = tuple[ImageFields, tuple[ImageInput, ...], ImageInput | None]


def _read_edit_form(call: ApiCall, limit: int, deployment: str | None) -> _Edit:
    form = read_form(call.request, limit)
    with BODIES.place():
        fields = read_image_fields(form.fields, deployment)
        pictures: list[ImageInput] = []
        mask = None
        for file in form.files:
            if _IMAGE.match(file.name):
                pictures.append(picture_from_bytes(file.data, "image"))
            elif file.name == _MASK:
                mask = job_mask(call.services, file.data)
            elif file.name == "markup":
                raise InvalidRequest(_NO_MARKUP, field="markup")
            else:
                raise unknown_parameter(file.name)
        return fields, _at_least_one(pictures), mask


def _read_edit_json(call: ApiCall, limit: int, deployment: str | None) -> _Edit:
    body = read_body(call.request, limit)
    with BODIES.place():
        given: dict[str, Any] = parse_json_object(body, PICTURE_BOUNDS)
    return _read_edit_fields(PictureReader(call.services, call.owner), given, deployment)


def _read_edit_fields(reader: PictureReader, given: dict[str, Any], deployment: str | None) -> _Edit:
    images = _listed(given.pop("images", None)) + _listed(given.pop("image", None))
    mask = given.pop(_MASK, None)
    if given.pop("markup", None) is not None:
        raise InvalidRequest(_NO_MARKUP, field="markup")
    fields = read_image_fields(given, deployment)
    pictures = [reader.read_picture(image, f"image[{n}]") for n, image in enumerate(images)]
    found = None if mask is None else job_mask(reader.services, reader.read_file(mask, _MASK))
    return fields, _at_least_one(pictures), found


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _at_least_one(pictures: list[ImageInput]) -> tuple[ImageInput, ...]:
    if not pictures:
        raise InvalidRequest("Send the picture to change as image.", field="image")
    return tuple(pictures)
