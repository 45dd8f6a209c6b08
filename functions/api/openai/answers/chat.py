"""Chat completions, and the chunks of their streams."""

from __future__ import annotations

from typing import Literal

from ...description.operation import DescribedModel


class ChatImageUrl(DescribedModel):
    """A `data:` URL."""

    url: str


class ChatImage(DescribedModel):
    """A picture of a message."""

    type: Literal["image_url"]
    index: int
    image_url: ChatImageUrl


class ChatMessage(DescribedModel):
    """The answer of one choice."""

    role: Literal["assistant"]
    content: str
    images: tuple[ChatImage, ...]


class ChatChoice(DescribedModel):
    """One picture."""

    index: int
    message: ChatMessage
    finish_reason: str
    logprobs: None


class ChatUsage(DescribedModel):
    """Counts for dashboards: nothing is billed by them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class _ChatHead(DescribedModel):
    id: str
    created: int
    model: str


class ChatCompletion(_ChatHead):
    """A completion with pictures, as OpenRouter has them."""

    object: Literal["chat.completion"]
    choices: tuple[ChatChoice, ...]
    usage: ChatUsage


class ChatDelta(DescribedModel):
    """What a chunk adds."""

    role: str = ""
    content: str = ""
    images: tuple[ChatImage, ...] = ()


class ChunkChoice(DescribedModel):
    """A chunk's part of one choice."""

    index: int
    delta: ChatDelta
    finish_reason: str | None
    logprobs: None


class ChatChunk(_ChatHead):
    """A piece of a streamed completion."""

    object: Literal["chat.completion.chunk"]
    choices: tuple[ChunkChoice, ...]
    usage: ChatUsage | None = None
