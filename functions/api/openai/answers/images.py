"""Pictures, and the events of their streams."""

from __future__ import annotations

from typing import Literal

from ...description.operation import DescribedModel


class TokenDetails(DescribedModel):
    """Counts of one kind."""

    image_tokens: int
    text_tokens: int


class ImageUsage(DescribedModel):
    """Counts for dashboards: nothing is billed by them."""

    input_tokens: int
    input_tokens_details: TokenDetails
    output_tokens: int
    output_tokens_details: TokenDetails
    total_tokens: int


class PictureFacts(DescribedModel):
    """What is said of every picture."""

    background: str
    output_format: str
    quality: str
    size: str


class DrawnImage(DescribedModel):
    """A picture: its bytes in base64, or its address."""

    b64_json: str = ""
    url: str = ""
    revised_prompt: str = ""
    description: str = ""
    """What was understood of the prompt, what was not, and what was corrected."""


class ImagesAnswer(PictureFacts):
    """The pictures of a request."""

    created: int
    data: tuple[DrawnImage, ...]
    usage: ImageUsage


class PartialImageEvent(PictureFacts):
    """A preview, in a stream."""

    type: Literal["image_generation.partial_image", "image_edit.partial_image"]
    b64_json: str
    created_at: int
    partial_image_index: int


class CompletedImageEvent(PictureFacts):
    """A picture, in a stream."""

    type: Literal["image_generation.completed", "image_edit.completed"]
    b64_json: str
    created_at: int
    revised_prompt: str = ""
    description: str = ""
    usage: ImageUsage
