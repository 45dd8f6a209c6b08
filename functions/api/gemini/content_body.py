"""The body of generateContent, in camelCase, in snake_case or mixed, as clients send it.

https://ai.google.dev/api/generate-content. Fields that only matter to models of language (temperature, tools,
safetySettings, thinkingConfig and others) are accepted and have no effect. Docs: decisions/0040.
"""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic.alias_generators import to_camel

from ...contract.errors import InvalidRequest
from ...contract.request import Lettering
from ...contract.validation.json_bounds import JsonBounds
from ...intake.strict_json import parse_json_object, parse_model
from ..api_call import ApiCall
from ..request_body import MAX_BODY, read_body

BOUNDS = JsonBounds(
    long_fields=frozenset({b"data", b"bytesBase64Encoded", b"bytes_base64_encoded", b"thoughtSignature"})
)
_MAX_TURNS = 200
_MAX_PARTS = 64
_BANS = ("dont_allow", "allow_none", "block")


class GoogleMessage(BaseModel):
    """A message of Google's: fields by either spelling; unknown ones have no effect."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _given_fields(cls, value: object) -> object:
        """Leaves out what is null: in the JSON form of Google's messages that is a field without a value.

        Raises ValueError for a field that is given in both spellings.
        """
        if not isinstance(value, dict):
            return value
        fields = cast(dict[object, object], value)
        given = {name: each for name, each in fields.items() if each is not None}
        for name in cls.model_fields:
            if (spelling := to_camel(name)) != name and name in given and spelling in given:
                raise ValueError(f"{spelling} is given twice: {name} is the same field")
        return given


class PictureMessage(GoogleMessage, extra="forbid"):
    """A message that says what a picture is to be like. A field that is not known here would change it, and
    is refused.
    """


def _allow_people(value: str) -> str:
    """Raises ValueError for a ban: pictures are not checked for people."""
    if value.lower().startswith(_BANS):
        raise ValueError("pictures are not checked for people here: leave it out")
    return value


PeoplePolicy = Annotated[str, AfterValidator(_allow_people)]
"""Whether people may be seen. What allows them has no effect."""


def _as_turn(value: object) -> object:
    """Returns a text, a part or a list of them as a turn, as older clients write the system's instruction."""
    if isinstance(value, str):
        return {"parts": [{"text": value}]}
    return {"parts": value} if isinstance(value, list) else value


def _as_list(value: object) -> object:
    """Returns a single message as a list of one, as the JSON form of Google's messages allows."""
    return [value] if isinstance(value, dict) else value


class InlinePicture(GoogleMessage):
    data: StrictStr = Field(repr=False)
    mime_type: str | None = None


class NamedFile(GoogleMessage):
    file_uri: StrictStr
    mime_type: str | None = None


class ContentPart(GoogleMessage):
    text: StrictStr | None = None
    inline_data: InlinePicture | None = None
    file_data: NamedFile | None = None
    thought: StrictBool = False  # not part of an answer that a client sends back


class ContentTurn(GoogleMessage):
    role: str | None = None
    parts: Annotated[list[ContentPart], BeforeValidator(_as_list), Field(max_length=_MAX_PARTS)] = []


class ImageOutputOptions(PictureMessage):
    mime_type: str | None = None
    compression_quality: StrictInt | None = None


class ImageConfig(PictureMessage):
    aspect_ratio: str | None = None
    image_size: str | None = None
    person_generation: PeoplePolicy | None = None
    prominent_people: PeoplePolicy | None = None
    image_output_options: ImageOutputOptions = ImageOutputOptions()
    output_mime_type: str | None = None
    output_compression_quality: StrictInt | None = None


class ImageResponseFormat(PictureMessage):
    aspect_ratio: str | None = None
    image_size: str | None = None
    mime_type: str | None = None
    delivery: str | None = None  # without an effect: the pictures come in the answer


class ResponseFormat(GoogleMessage):
    image: ImageResponseFormat = ImageResponseFormat()


class GenerationConfig(GoogleMessage):
    candidate_count: StrictInt | None = None
    seed: StrictInt | None = None
    response_modalities: list[str] = []
    image_config: ImageConfig = ImageConfig()
    response_format: ResponseFormat = ResponseFormat()
    # Ours:
    allow_outside_domain: StrictBool | None = None
    lettering: Lettering | None = None


def _refuse_cache(value: str) -> str:
    """Raises ValueError: the cache would hold a part of the conversation."""
    if value:
        raise ValueError("there are no caches here: send the whole conversation")
    return value


class GenerateContentBody(GoogleMessage):
    contents: Annotated[list[ContentTurn], BeforeValidator(_as_list), Field(max_length=_MAX_TURNS)]
    system_instruction: Annotated[ContentTurn, BeforeValidator(_as_turn)] = ContentTurn()
    generation_config: GenerationConfig = GenerationConfig()
    labels: dict[str, str] = {}
    cached_content: Annotated[str, AfterValidator(_refuse_cache)] | None = None

    @property
    def wants_text(self) -> bool:
        """Returns True unless the answer is to have pictures alone."""
        asked = [name.upper() for name in self.generation_config.response_modalities]
        return not asked or "TEXT" in asked


def read_content_body(call: ApiCall) -> GenerateContentBody:
    """Returns the body of the request. Raises InvalidRequest and what ``read_body`` raises."""
    return parse_model(GenerateContentBody, read_google_json(call))


def read_google_json(call: ApiCall) -> dict[str, Any]:
    """Returns the JSON object of the request; pictures in it may be long. Raises InvalidRequest."""
    found = parse_json_object(read_body(call.request, MAX_BODY), BOUNDS)
    if not found:
        raise InvalidRequest("The body is empty.", field="contents")
    return found
