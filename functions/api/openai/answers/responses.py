"""Responses, and the events of their streams."""

from __future__ import annotations

from typing import Any, Literal

from ...description.operation import DescribedModel


class CachedTokens(DescribedModel):
    """Nothing is cached."""

    cached_tokens: int


class ReasoningTokens(DescribedModel):
    """Nothing is reasoned."""

    reasoning_tokens: int


class ResponseUsage(DescribedModel):
    """Counts for dashboards: nothing is billed by them."""

    input_tokens: int
    input_tokens_details: CachedTokens
    output_tokens: int
    output_tokens_details: ReasoningTokens
    total_tokens: int


class ImageCall(DescribedModel):
    """A picture, as the output of the tool that made it."""

    id: str
    type: Literal["image_generation_call"]
    status: str
    action: str = ""
    result: str | None
    """The picture in base64; null before it is there."""
    revised_prompt: str = ""
    background: str = ""
    output_format: str = ""
    quality: str = ""
    size: str = ""


class OutputText(DescribedModel):
    """Words of an answer."""

    type: Literal["output_text"]
    text: str
    annotations: tuple[Any, ...]


class OutputMessage(DescribedModel):
    """What was understood of the prompt, what was not, and what was corrected."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    status: str
    content: tuple[OutputText, ...]


class ResponseError(DescribedModel):
    """Why a response failed."""

    code: str | None
    message: str


class ResponseObject(DescribedModel):
    """A response: a job of Plantain's."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "failed", "in_progress"]
    model: str
    output: tuple[ImageCall | OutputMessage, ...]
    tools: tuple[Any, ...]
    tool_choice: str
    parallel_tool_calls: bool
    previous_response_id: str | None
    error: ResponseError | None
    incomplete_details: None
    instructions: None
    metadata: dict[str, str]
    usage: ResponseUsage | None


class ResponseEvent(DescribedModel):
    """An event of a streamed response: what it carries depends on its type."""

    type: str
    sequence_number: int
    response: ResponseObject | None = None
    item: ImageCall | OutputMessage | None = None
    item_id: str = ""
    output_index: int = 0
    content_index: int = 0
    part: OutputText | None = None
    delta: str = ""
    text: str = ""
    partial_image_index: int = 0
    partial_image_b64: str = ""
    output_format: str = ""
