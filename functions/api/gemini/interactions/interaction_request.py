"""What a request for an interaction asks for, as one job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import (
    AliasChoices,
    AliasGenerator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)
from pydantic.alias_generators import to_camel

from ....contract.errors import InvalidRequest, NotFound
from ....contract.request import JobRequest
from ....contract.states import State
from ....contract.validation.messages import shown_name
from ....intake.strict_json import parse_model
from ...api_call import ApiCall
from ...model_names import resolve_model
from ..content_body import ContentTurn, GoogleMessage, read_google_json
from ..content_pictures import PartReader
from ..content_request import format_of, ratio_of, size_of
from ..instructions import find_pictures, read_instructions
from .input_turns import read_input
from .interaction_view import job_id_of

_IMAGE = "image"
_NOT_HERE = {
    "agent": "There are no agents here: name a model.",
    "webhook_config": "Interactions call no webhooks: ask with background, and get the interaction later.",
    "continuation_token": "No interaction here stops before its end: leave the token out.",
}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _either_spelling(name: str) -> AliasChoices:
    return AliasChoices(name, to_camel(name))


class InteractionMessage(GoogleMessage, alias_generator=AliasGenerator(validation_alias=_either_spelling)):
    """A message of an interaction: in snake_case, and camelCase is understood."""


class InteractionFormat(InteractionMessage, extra="allow"):
    type: StrictStr = _IMAGE
    aspect_ratio: str | None = None
    image_size: str | None = None
    mime_type: str | None = None
    delivery: str | None = None


class InteractionImageConfig(InteractionMessage, extra="forbid"):
    aspect_ratio: str | None = None
    image_size: str | None = None


class InteractionGeneration(InteractionMessage):
    seed: StrictInt | None = None
    image_config: InteractionImageConfig = InteractionImageConfig()
    thinking_summaries: str | None = None


class InteractionBody(InteractionMessage):
    model: StrictStr | None = None
    input: Any = None
    previous_interaction_id: StrictStr | None = None
    system_instruction: StrictStr | None = None
    stream: StrictBool = False
    background: StrictBool = False
    store: StrictBool = True
    response_modalities: list[str] = Field(default_factory=list[str])
    response_format: Annotated[list[InteractionFormat], BeforeValidator(_as_list)] = Field(
        default_factory=list[InteractionFormat]
    )
    generation_config: InteractionGeneration = InteractionGeneration()
    labels: dict[str, str] = Field(default_factory=dict[str, str])


@dataclass(frozen=True)
class InteractionRequest:
    """A request for an interaction. ``by_uri``: its picture is an address in the answer. ``with_text``: words
    are part of the answer. ``with_previews``: its stream shows the drawing as it is.
    """

    job: JobRequest
    previous: str | None
    stream: bool
    background: bool
    by_uri: bool
    with_text: bool
    with_previews: bool


def read_interaction_request(call: ApiCall) -> InteractionRequest:
    """Returns what the body asks for. Raises InvalidRequest, and what a picture of the input raises."""
    given = read_google_json(call)
    for name, advice in _NOT_HERE.items():
        if given.get(name):
            raise InvalidRequest(advice, field=name)
    body = parse_model(InteractionBody, given)
    if not body.store:
        raise InvalidRequest(
            "Every interaction is kept as a job: leave store out, and delete the interaction later.",
            field="store",
        )
    image = _image_format(body)
    asked = {name.lower() for name in body.response_modalities}
    if asked and _IMAGE not in asked:
        raise InvalidRequest(
            "The models here answer with pictures: ask for image.", field="response_modalities"
        )
    return InteractionRequest(
        job=_job_of(call, body, image),
        previous=body.previous_interaction_id,
        stream=body.stream,
        background=body.background,
        by_uri=image.delivery == "uri",
        with_text=not asked or "text" in asked,
        with_previews=(body.generation_config.thinking_summaries or "").lower() == "auto",
    )


def _image_format(body: InteractionBody) -> InteractionFormat:
    if not body.response_format:
        return InteractionFormat()
    for found in body.response_format:
        if found.type == _IMAGE:
            for name in found.model_extra or {}:
                field = f"response_format.{shown_name(name)}"
                raise InvalidRequest("There is no such field.", field=field)
            return found
    raise InvalidRequest("The models here answer with pictures: ask for image.", field="response_format")


def _job_of(call: ApiCall, body: InteractionBody, image: InteractionFormat) -> JobRequest:
    earlier = _previous_turns(call, body.previous_interaction_id)
    turns = [*earlier, *(read_input(body.input) if body.input is not None else [])]
    system = {"parts": [{"text": body.system_instruction}] if body.system_instruction else []}
    prompt = read_instructions(turns, parse_model(ContentTurn, system))
    reader = PartReader(call.services, call.owner)
    pictures = [reader.read_picture(part, "input") for part, _ in find_pictures(turns)]
    config, fallback = body.generation_config, body.generation_config.image_config
    fields: dict[str, Any] = {
        "task": "edit" if pictures else "generate",
        "prompt": prompt,
        "images": list(pictures),
        "seed": config.seed,
        "model": resolve_model(call.services.settings, body.model),
        "labels": body.labels,
        "aspect_ratio": ratio_of(image.aspect_ratio or fallback.aspect_ratio),
        "size": size_of(image.image_size or fallback.image_size),
        "format": format_of(image.mime_type) if image.mime_type else None,
    }
    return parse_model(JobRequest, {name: value for name, value in fields.items() if value not in (None, [])})


def _previous_turns(call: ApiCall, previous: str | None) -> list[ContentTurn]:
    """Returns the earlier interaction of the caller as turns: its picture, or the words that none answered.

    Raises InvalidRequest.
    """
    if not previous:
        return []
    try:
        record = call.record(job_id_of(previous))
    except NotFound:
        raise InvalidRequest(
            "There is no such interaction: it may have been deleted.", field="previous_interaction_id"
        ) from None
    if not record.state.is_terminal:
        raise InvalidRequest(
            "The previous interaction has not ended: wait for it.", field="previous_interaction_id"
        )
    words = {"role": "user", "parts": [{"text": record.request.wanted}]}
    if record.state is not State.SUCCEEDED or not record.images:
        return [parse_model(ContentTurn, words)]
    uri = f"gs://{call.services.settings.results_bucket}/{record.images[-1]}"
    made = cast(dict[str, Any], {"role": "model", "parts": [{"fileData": {"fileUri": uri}}]})
    return [parse_model(ContentTurn, words), parse_model(ContentTurn, made)]
