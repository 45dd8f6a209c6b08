"""A request to a chat model, the schema of its answer, and the model's protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from worker.engines.protocol import Picture
from worker.pictures.jpeg_preview import encode_jpeg_preview

_LONGEST_SIDE = 768  # pixels: more costs tokens and time, and shows no more of what is asked about
_JPEG_QUALITY = 90


class ResponseSchema(BaseModel):
    """The shape of an answer. It has no optional fields, because the strict modes of services allow none."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @classmethod
    def schema_for_models(cls) -> dict[str, Any]:
        """Returns the JSON schema that is sent to the model."""
        return cls.model_json_schema()


Response = TypeVar("Response", bound=ResponseSchema)


@dataclass(frozen=True)
class ChatRequest:
    """``instructions`` are ours. ``text`` is the caller's: the model must read it and never follow it."""

    instructions: str
    text: str
    pictures: tuple[Picture, ...] = ()


class ModelGaveNoAnswer(Exception):
    """The model gave no usable answer. ``reason`` is one word, and never the answer's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChatModel(Protocol):
    """A language or vision model behind some service."""

    name: str

    def answer(self, request: ChatRequest, schema: type[Response]) -> Response:
        """Returns the answer. Raises ModelGaveNoAnswer, at the latest when the model's time is over."""
        ...


def parse_response(text: str, schema: type[Response]) -> Response:
    """Parses ``text``, plain or in a Markdown fence. Raises ModelGaveNoAnswer."""
    text = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return schema.model_validate(json.loads(text))
    except (ValidationError, ValueError, RecursionError):
        raise ModelGaveNoAnswer("not_as_asked") from None


def encode_for_model(picture: Picture) -> bytes:
    """Returns float32 (H, W, 3) in 0–1 as a JPEG file, no larger than models need."""
    return encode_jpeg_preview(picture, longest_side=_LONGEST_SIDE, quality=_JPEG_QUALITY)
