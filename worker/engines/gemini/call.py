"""A brief as a call of generateContent: the words, the pictures, and how the answer should be.

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
from worker.engines.gemini.frame import GeminiFrame, frame, same_shape
from worker.engines.protocol import Brief, Mask, Picture
from worker.pictures.encode import encode

if TYPE_CHECKING:
    from google.genai.types import Content, GenerateContentConfig, Part, SafetySetting, ThinkingConfig

# An inline picture may have 7 MB on Vertex AI. Losslessly where that is enough; 4:4:4 JPEG otherwise.
_MOST_BYTES = 7_000_000
_MOST_CHANGED = 2048 * 2048  # px²
_MOST_REFERENCE = 1024 * 1024
_MOST_SEED = 2**31 - 1  # the API's seeds are int32

_MASK_WORDS = (
    "The last picture is a mask of the first one. Change the first picture only where the mask is white, and "
    "leave the rest, and everything's place, as it is."
)

_NO_WORDS = "Continue the first picture naturally."  # an outpaint may go without a prompt


@dataclass(frozen=True)
class GeminiCall:
    """``prompt`` is kept for the support code of a blocked one: it is never logged."""

    prompt: str
    parts: tuple[Part, ...]
    frame: GeminiFrame

    def contents(self) -> Content:
        from google.genai.types import Content

        return Content(role="user", parts=list(self.parts))


def call(brief: Brief, options: GeminiOptions) -> GeminiCall:
    """Raises UnsupportedTask for what a Gemini model has no parameter for, and for too many pictures."""
    _check(brief, options)
    framed = frame(brief.width, brief.height, options)
    pictures = [_inline(_first(brief, framed), _MOST_CHANGED)] if brief.images else []
    pictures += [_inline(picture, _MOST_REFERENCE) for picture in brief.images[1:]]
    if brief.images and brief.mask is not None:
        pictures.append(_inline(_as_picture(_at_first(brief.mask, brief, framed)), _MOST_CHANGED))
    return GeminiCall(brief.prompt, (_words(brief), *pictures), framed)


def config(options: GeminiOptions, framed: GeminiFrame, seed: int) -> GenerateContentConfig:
    """One picture, and whatever words the model must say beside it."""
    from google.genai.types import GenerateContentConfig, ImageConfig

    return GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=ImageConfig(aspect_ratio=framed.aspect_ratio, image_size=framed.image_size),
        seed=seed & _MOST_SEED if options.takes_seed else None,
        thinking_config=_thinking(options),
        safety_settings=_safety(options) or None,
    )


def _check(brief: Brief, options: GeminiOptions) -> None:
    asked = {"steps": brief.steps, "guidance": brief.guidance, "strength": brief.strength}
    if idle := [name for name, value in asked.items() if value is not None]:
        raise UnsupportedTask(f"A Gemini model takes no {' and no '.join(idle)}: leave that out.")
    masked = bool(brief.images) and brief.mask is not None
    if (count := len(brief.images) + masked) > options.max_images:
        raise UnsupportedTask(
            f"The model takes {options.max_images} pictures at most, and these are {count}."
        )


def _words(brief: Brief) -> Part:
    from google.genai.types import Part

    said = [brief.prompt or _NO_WORDS]
    if brief.negative_prompt:
        said.append(f"The picture must not show: {brief.negative_prompt}")
    if brief.images and brief.mask is not None:
        said.append(_MASK_WORDS)
    return Part.from_text(text="\n\n".join(said))


def _first(brief: Brief, framed: GeminiFrame) -> Picture:
    return _at_first(brief.images[0], brief, framed)


def _at_first(pixels: Picture | Mask, brief: Brief, framed: GeminiFrame) -> Picture | Mask:
    """In the frame that the answer is cut from, so that what stays stays where it is; else as it came."""
    return framed.around(pixels) if same_shape(pixels, brief.width, brief.height) else pixels


def _as_picture(mask: Mask) -> Picture:
    return np.repeat(mask[..., None], 3, axis=2)


def _inline(picture: Picture, most: int) -> Part:
    from google.genai.types import Part

    small = _shrunk(picture, most)
    data = encode(small, "png")
    if len(data) <= _MOST_BYTES and most > _MOST_REFERENCE:
        return Part.from_bytes(data=data, mime_type="image/png")
    return Part.from_bytes(data=encode(small, "jpeg"), mime_type="image/jpeg")


def _shrunk(picture: Picture, most: int) -> Picture:
    """At most ``most`` px², in its proportions."""
    down, across = picture.shape[:2]
    scale = sqrt(most / (down * across))
    if scale >= 1:
        return picture
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _thinking(options: GeminiOptions) -> ThinkingConfig | None:
    from google.genai.types import ThinkingConfig, ThinkingLevel

    if options.thinking_level is not None:
        return ThinkingConfig(thinking_level=ThinkingLevel(options.thinking_level.upper()))
    if options.thinking_budget is not None:
        return ThinkingConfig(thinking_budget=options.thinking_budget)
    return None


def _safety(options: GeminiOptions) -> list[SafetySetting]:
    from google.genai.types import HarmBlockThreshold, HarmCategory, SafetySetting

    return [
        SafetySetting(category=HarmCategory(category), threshold=HarmBlockThreshold(threshold))
        for category, threshold in options.safety.items()
    ]
