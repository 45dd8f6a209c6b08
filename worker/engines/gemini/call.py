"""Turns a brief into a call of generateContent: the text, the pictures, and the answer's configuration.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import cv2
import numpy as np

from functions.contract.errors import UnsupportedTask
from functions.contract.validation.gemini_models import GeminiOptions
from worker.engines.framing import has_same_shape
from worker.engines.gemini.frame import GeminiFrame, choose_frame
from worker.engines.protocol import Brief, Mask, Picture
from worker.pictures.encode import encode_picture

if TYPE_CHECKING:
    from google.genai.types import Content, GenerateContentConfig, Part, SafetySetting, ThinkingConfig

# An inline picture may have 7 MB on Vertex AI. It is lossless if that is enough, and else a 4:4:4 JPEG.
_MAX_BYTES = 7_000_000
_MAX_CHANGED_AREA = 2048 * 2048  # px²
_MAX_REFERENCE_AREA = 1024 * 1024
_MAX_SEED = 2**31 - 1  # the API's seeds are int32

_MASK_WORDS = (
    "The last picture is a mask of the first one. Change the first picture only where the mask is white, and "
    "leave the rest, and everything's place, as it is."
)

_NO_WORDS = "Continue the first picture naturally."  # an outpaint needs no prompt


@dataclass(frozen=True)
class GeminiCall:
    """A call of generateContent. ``prompt`` is only for the support code of a block, and never logged."""

    prompt: str
    parts: tuple[Part, ...]
    frame: GeminiFrame

    def contents(self) -> Content:
        from google.genai.types import Content

        return Content(role="user", parts=list(self.parts))


def build_call(brief: Brief, options: GeminiOptions) -> GeminiCall:
    """Returns the call. Raises UnsupportedTask for parameters that Gemini lacks and for too many pictures."""
    _check_supported(brief, options)
    framed = choose_frame(brief.width, brief.height, options)
    pictures = [_picture_part(_first_picture(brief, framed), _MAX_CHANGED_AREA)] if brief.images else []
    pictures += [_picture_part(picture, _MAX_REFERENCE_AREA) for picture in brief.images[1:]]
    if brief.images and brief.mask is not None:
        pictures.append(_picture_part(_as_picture(_in_frame(brief.mask, brief, framed)), _MAX_CHANGED_AREA))
    return GeminiCall(brief.prompt, (_text_part(brief), *pictures), framed)


def build_config(options: GeminiOptions, framed: GeminiFrame, seed: int) -> GenerateContentConfig:
    """Returns the configuration for one picture; the model may add text."""
    from google.genai.types import GenerateContentConfig, ImageConfig

    return GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=ImageConfig(aspect_ratio=framed.aspect_ratio, image_size=framed.image_size),
        seed=seed & _MAX_SEED if options.takes_seed else None,
        thinking_config=_thinking_config(options),
        safety_settings=_safety_settings(options) or None,
    )


def _check_supported(brief: Brief, options: GeminiOptions) -> None:
    asked = {"steps": brief.steps, "guidance": brief.guidance, "strength": brief.strength}
    if unsupported := [name for name, value in asked.items() if value is not None]:
        raise UnsupportedTask(f"A Gemini model takes no {' and no '.join(unsupported)}: leave that out.")
    masked = bool(brief.images) and brief.mask is not None
    if (count := len(brief.images) + masked) > options.max_images:
        raise UnsupportedTask(
            f"The model takes {options.max_images} pictures at most, and these are {count}."
        )


def _text_part(brief: Brief) -> Part:
    from google.genai.types import Part

    text = [brief.prompt or _NO_WORDS]
    if brief.negative_prompt:
        text.append(f"The picture must not show: {brief.negative_prompt}")
    if brief.images and brief.mask is not None:
        text.append(_MASK_WORDS)
    return Part.from_text(text="\n\n".join(text))


def _first_picture(brief: Brief, framed: GeminiFrame) -> Picture:
    return _in_frame(brief.images[0], brief, framed)


def _in_frame(pixels: Picture | Mask, brief: Brief, framed: GeminiFrame) -> Picture | Mask:
    """Returns the picture in the frame from which the answer is cropped, so that nothing moves.

    A picture of another shape is returned unchanged.
    """
    return framed.around(pixels) if has_same_shape(pixels, brief.width, brief.height) else pixels


def _as_picture(mask: Mask) -> Picture:
    return np.repeat(mask[..., None], 3, axis=2)


def _picture_part(picture: Picture, max_area: int) -> Part:
    from google.genai.types import Part

    small = _shrink_to_area(picture, max_area)
    data = encode_picture(small, "png")
    if len(data) <= _MAX_BYTES and max_area > _MAX_REFERENCE_AREA:
        return Part.from_bytes(data=data, mime_type="image/png")
    return Part.from_bytes(data=encode_picture(small, "jpeg"), mime_type="image/jpeg")


def _shrink_to_area(picture: Picture, max_area: int) -> Picture:
    """Returns the picture at no more than ``max_area`` px², in its proportions."""
    down, across = picture.shape[:2]
    scale = sqrt(max_area / (down * across))
    if scale >= 1:
        return picture
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _thinking_config(options: GeminiOptions) -> ThinkingConfig | None:
    from google.genai.types import ThinkingConfig, ThinkingLevel

    if options.thinking_level is not None:
        return ThinkingConfig(thinking_level=ThinkingLevel(options.thinking_level.upper()))
    if options.thinking_budget is not None:
        return ThinkingConfig(thinking_budget=options.thinking_budget)
    return None


def _safety_settings(options: GeminiOptions) -> list[SafetySetting]:
    from google.genai.types import HarmBlockThreshold, HarmCategory, SafetySetting

    return [
        SafetySetting(category=HarmCategory(category), threshold=HarmBlockThreshold(threshold))
        for category, threshold in options.safety.items()
    ]
