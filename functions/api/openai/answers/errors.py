"""Errors."""

from __future__ import annotations

from typing import Literal

from ...description.operation import DescribedModel


class ModerationDetails(DescribedModel):
    """Why the policy did not allow it."""

    moderation_stage: Literal["input", "output"]
    categories: tuple[str, ...]


class OpenAiError(DescribedModel):
    """What stands under `error`."""

    message: str
    type: str
    param: str | None
    code: str | None
    moderation_details: ModerationDetails | None = None


class OpenAiErrorBody(DescribedModel):
    """An error as OpenAI's clients read it."""

    error: OpenAiError


class ErrorEvent(DescribedModel):
    """The end of a stream that failed."""

    type: Literal["error"]
    error: OpenAiError
