"""What a request to edit or to vary pictures sends: fields and files in a form, or JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...contract.errors import InvalidRequest
from ...contract.request import ImageInput, JobRequest
from ...intake.strict_json import parse_json_object
from ...services import Services
from ..api_call import ApiCall
from ..form_data import FORM, read_form
from ..pictures import picture_from_bytes
from ..request_body import BODIES, read_body
from .edit_markup import markup_mask
from .edit_mask import job_mask
from .errors import unknown_parameter, wrong_kind_of_part
from .image_fields import ImageFields, is_image_field, read_image_fields
from .image_job import VARIATION, edit_request
from .picture_sources import PICTURE_BOUNDS, PictureReader

_IMAGE = re.compile(r"image(?:\[[0-9]{0,3}\])?\Z")  # image, image[] and image[0]: as clients differ
_MASK = "mask"
_MARKUP = "markup"


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
        for name in form.fields:
            if _is_file(name):
                raise wrong_kind_of_part(name, is_file=False)
        fields = read_image_fields(form.fields, deployment)
        pictures: list[ImageInput] = []
        areas: dict[str, bytes] = {}
        for file in form.files:
            if not _is_file(file.name):
                is_text = is_image_field(file.name)
                raise wrong_kind_of_part(file.name, is_file=True) if is_text else unknown_parameter(file.name)
            if file.name in areas:
                raise InvalidRequest(f"Send one {file.name}.", field=file.name)
            if file.name in (_MASK, _MARKUP):
                areas[file.name] = file.data
            else:
                pictures.append(picture_from_bytes(file.data, "image"))
        images = _at_least_one(pictures)
        return fields, images, _area_to_change(call.services, areas, images)


def _is_file(name: str) -> bool:
    return name in (_MASK, _MARKUP) or _IMAGE.match(name) is not None


def _read_edit_json(call: ApiCall, limit: int, deployment: str | None) -> _Edit:
    body = read_body(call.request, limit)
    with BODIES.place():
        given: dict[str, Any] = parse_json_object(body, PICTURE_BOUNDS)
    return _read_edit_fields(PictureReader(call.services, call.owner), given, deployment)


def _read_edit_fields(reader: PictureReader, given: dict[str, Any], deployment: str | None) -> _Edit:
    images = _listed(given.pop("images", None)) + _listed(given.pop("image", None))
    areas = {name: found for name in (_MASK, _MARKUP) if (found := given.pop(name, None)) is not None}
    fields = read_image_fields(given, deployment)
    pictures = _at_least_one([reader.read_picture(image, f"image[{n}]") for n, image in enumerate(images)])
    files = {name: reader.read_file(found, name) for name, found in areas.items()}
    return fields, pictures, _area_to_change(reader.services, files, pictures)


def _area_to_change(
    services: Services, areas: Mapping[str, bytes], pictures: tuple[ImageInput, ...]
) -> ImageInput | None:
    """Returns the mask of the job for the file of a mask or of a markup; None where neither was sent."""
    if len(areas) > 1:
        raise InvalidRequest("Send either a mask or a markup.", field=_MARKUP)
    if _MARKUP in areas:
        return markup_mask(services, areas[_MARKUP], pictures[0])
    return job_mask(services, areas[_MASK]) if areas else None


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _at_least_one(pictures: list[ImageInput]) -> tuple[ImageInput, ...]:
    if not pictures:
        raise InvalidRequest("Send the picture to change as image.", field="image")
    return tuple(pictures)
