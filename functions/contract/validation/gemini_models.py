"""The abilities of a Gemini image model. They are configuration: the code knows no model."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ImageSize = Literal["512", "1K", "2K", "4K"]
AspectRatio = Literal[
    "1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9"
]
ThinkingLevel = Literal["minimal", "low", "medium", "high"]
HarmCategory = Literal[
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_IMAGE_HATE",
    "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
    "HARM_CATEGORY_IMAGE_HARASSMENT",
    "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
]
Threshold = Literal["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"]

ALL_SIZES: tuple[ImageSize, ...] = ("512", "1K", "2K", "4K")
ALL_RATIOS: tuple[AspectRatio, ...] = (
    "1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9",
)  # fmt: skip


class GeminiOptions(BaseModel):
    """The options of one model. The defaults suit Gemini 3.1 Flash Image, without thinking or safety
    settings.

    ``image_sizes``: what may be requested. A picture that is to be larger is upscaled from there. An empty
    list is for models that take no size, and draw about 1024 x 1024 px.
    https://ai.google.dev/gemini-api/docs/image-generation
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    image_sizes: tuple[ImageSize, ...] = ALL_SIZES
    aspect_ratios: tuple[AspectRatio, ...] = Field(default=ALL_RATIOS, min_length=1)
    max_images: int = Field(default=14, ge=0, le=100)  # of one call; a mask is one of them
    thinking_level: ThinkingLevel | None = None
    thinking_budget: int | None = Field(default=None, ge=-1, le=100_000)  # tokens; -1: the model decides
    safety: dict[HarmCategory, Threshold] = {}  # None of a category: Google's own default
    takes_seed: bool = True
    enlarger: str | None = None  # the super-resolution network beyond its largest size; None: Lanczos

    @model_validator(mode="after")
    def _one_way_to_think(self) -> Self:
        if self.thinking_level is not None and self.thinking_budget is not None:
            raise ValueError("give either thinking_level or thinking_budget: the API refuses both at once")
        return self
