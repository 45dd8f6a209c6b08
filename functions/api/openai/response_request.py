"""What a request to /v1/responses asks for, through its tool `image_generation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...contract.errors import InvalidRequest, NotFound
from ...contract.request import ImageInput, JobRequest
from ...intake.strict_json import parse_json_object, parse_model
from ..api_call import ApiCall
from ..owned_jobs import read_owned_job
from ..request_body import MAX_BODY, read_body
from .conversation import Conversation, read_conversation
from .edit_mask import job_mask
from .image_fields import EXTRAS, ImageFields, read_image_fields
from .image_job import edit_request, generation_request
from .picture_sources import PICTURE_BOUNDS, PictureReader

TOOL = "image_generation"
_OF_THE_TOOL = ("type", "action", "input_image_mask")  # beside the fields of a picture


@dataclass(frozen=True)
class ResponseRequest:
    """A request for a response: the body's echo, the picture's fields and the job."""

    model: str | None
    tools: list[Any]
    previous_response_id: str | None
    fields: ImageFields
    job: JobRequest


def read_response_request(call: ApiCall) -> ResponseRequest:
    """Returns what the body of a call asks for. Raises as ``response_of_json``."""
    given = parse_json_object(read_body(call.request, MAX_BODY), PICTURE_BOUNDS)
    return response_of_json(PictureReader(call.services, call.owner), given)


def response_of_json(reader: PictureReader, given: Mapping[str, Any]) -> ResponseRequest:
    """Returns what the JSON asks for. Raises InvalidRequest, and what a picture or a mask raises."""
    if given.get("background"):
        raise InvalidRequest(
            "Responses are not made in the background here: wait or stream.", field="background"
        )
    tools = given.get("tools")
    tool = _image_tool(tools)
    asked = _read_input(given.get("input"))
    own = {name: given[name] for name in EXTRAS if name in given}
    picture = {name: value for name, value in tool.items() if name not in _OF_THE_TOOL}
    picture["model"] = tool.get("model") or given.get("model")
    fields = read_image_fields({**own, **picture, "prompt": asked.prompt, "stream": given.get("stream")})
    previous = given.get("previous_response_id")
    return ResponseRequest(
        model=given.get("model") if isinstance(given.get("model"), str) else None,
        tools=cast(list[Any], tools),
        previous_response_id=previous,
        fields=fields,
        job=_job_of(reader, tool, fields, asked, previous),
    )


def _image_tool(tools: object) -> dict[str, Any]:
    for tool in cast(list[object], tools) if isinstance(tools, list) else []:
        if isinstance(tool, dict) and cast(dict[str, Any], tool).get("type") == TOOL:
            return cast(dict[str, Any], tool)
    raise InvalidRequest('This server answers with pictures: add the tool "image_generation".', field="tools")


def _read_input(given: object) -> Conversation:
    if isinstance(given, str) and given.strip():
        return Conversation(given, ())
    if not isinstance(given, list):
        raise InvalidRequest("Give the input as a text or as a list of messages.", field="input")
    return read_conversation(cast(list[object], given), "input")


def _job_of(
    reader: PictureReader,
    tool: dict[str, Any],
    fields: ImageFields,
    asked: Conversation,
    previous: object,
) -> JobRequest:
    settings = reader.services.settings
    pictures: tuple[ImageInput, ...] = ()
    if tool.get("action") != "generate":
        pictures = tuple(_read_picture(reader, given) for given in asked.pictures)
        if not pictures and previous is not None:
            pictures = (picture_of_response(reader, previous, "previous_response_id"),)
    mask = tool.get("input_image_mask")
    if not pictures:
        if mask is not None or tool.get("action") == "edit":
            raise InvalidRequest("There is no picture to edit: send one in the input.", field="input")
        return generation_request(fields, settings)
    found = None if mask is None else job_mask(reader.services, reader.read_file(mask, "input_image_mask"))
    return edit_request(fields, settings, pictures, found)


def _read_picture(reader: PictureReader, given: dict[str, Any]) -> ImageInput:
    if given.get("type") != "image_generation_call":
        return reader.read_picture(given, "input")
    if isinstance(given.get("result"), str) and given["result"]:
        return reader.read_picture(given["result"], "input")
    return picture_of_response(reader, given.get("id"), "input")


def picture_of_response(reader: PictureReader, name: object, field: str) -> ImageInput:
    """Returns the picture of an earlier response of the caller, by its id or that of its call: the last one
    unless the id says which. Raises InvalidRequest, naming ``field``.
    """
    _, _, rest = name.partition("_") if isinstance(name, str) else ("", "", "")
    job, _, number = rest.partition("-")
    try:
        images = read_owned_job(reader.services, reader.owner, f"job_{job}").images
    except NotFound:
        images = ()
    n = int(number) if number.isdecimal() and len(number) < 3 else len(images) - 1
    if not 0 <= n < len(images):
        raise InvalidRequest("There is no such response with a picture.", field=field)
    return parse_model(ImageInput, {"uri": f"gs://{reader.services.settings.results_bucket}/{images[n]}"})
