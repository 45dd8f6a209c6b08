"""What is asked of a model that answers in words, and what may come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from worker.engines.protocol import Picture

_LONGEST_SIDE = 768  # pixels: more costs tokens and time, and shows no more of what is asked about
_JPEG_QUALITY = 90


class ResponseSchema(BaseModel):
    """The shape of an answer. Every field is asked for: strict modes know no optional ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @classmethod
    def schema_for_models(cls) -> dict[str, Any]:
        return cls.model_json_schema()


Answer = TypeVar("Answer", bound=ResponseSchema)


@dataclass(frozen=True)
class ChatRequest:
    """``instructions`` are ours; ``text`` is the caller's, and is nothing but what the question is about."""

    instructions: str
    text: str
    pictures: tuple[Picture, ...] = ()


class ModelGaveNoAnswer(Exception):
    """The model gave no answer that can be used. ``reason`` is one word: never what was said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChatModel(Protocol):
    """A language or vision model behind some service."""

    name: str

    def answer(self, question: ChatRequest, form: type[Answer]) -> Answer:
        """Raises ModelGaveNoAnswer, within the time that the model was given."""
        ...


def parse_response(text: str, form: type[Answer]) -> Answer:
    """The form that ``text`` is, bare or as models like to fence it. Raises ModelGaveNoAnswer."""
    text = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return form.model_validate(json.loads(text))
    except (ValidationError, ValueError, RecursionError):
        raise ModelGaveNoAnswer("not_as_asked") from None


def jpeg(picture: Picture) -> bytes:
    """The picture, float32 (H, W, 3) in 0–1, small enough to be looked at by a model."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    bgr = np.clip(small[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return data.tobytes()
