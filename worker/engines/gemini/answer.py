"""What came back: a picture, a refusal, or neither.

https://ai.google.dev/api/generate-content#FinishReason
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.contract.errors import (
    Blocked,
    ImageBlocked,
    ImageTooLarge,
    ImageUnreadable,
    PromptBlocked,
    UnsupportedSize,
)
from functions.contract.manifest import ScreeningResult
from functions.policy import raise_if_blocked
from worker.engines.protocol import Picture
from worker.pictures.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.genai.types import Candidate, GenerateContentResponse, SafetyRating

# Why a prompt or a picture was refused, by Google's reasons, as our verdicts name categories.
_REFUSALS = {
    "SAFETY": "unsafe_content",
    "IMAGE_SAFETY": "unsafe_content",
    "PROHIBITED_CONTENT": "prohibited_content",
    "IMAGE_PROHIBITED_CONTENT": "prohibited_content",
    "BLOCKLIST": "blocklist",
    "SPII": "personal_data",
    "RECITATION": "recitation",
    "IMAGE_RECITATION": "recitation",
    "MODEL_ARMOR": "model_armor",
    "JAILBREAK": "jailbreak",
}
_OTHERWISE = "unsafe_content"
UNREADABLE = "UNREADABLE"  # our own word among Google's reasons


class NoPicture(Exception):
    """The model answered, and not with a picture. ``reason`` is Google's word for how it ended."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def picture(answer: GenerateContentResponse, *, prompt: str, model: str) -> Picture:
    """The last picture of the answer, float32 (H, W, 3) in 0–1: those before it are drafts.

    Raises PromptBlocked, ImageBlocked and NoPicture.
    """
    _refuse_prompt(answer, prompt, model)
    candidate = answer.candidates[0] if answer.candidates else None
    if candidate is None or (candidate.content is None and candidate.finish_reason is None):
        raise NoPicture(UNREADABLE)  # so looks what is no answer at all, once the client has read it
    reason = _reason(candidate)
    if reason in _REFUSALS:
        _block(ImageBlocked, "picture", _categories(reason, candidate), prompt, model)
    data = _data(candidate)
    if data is None:
        raise NoPicture(reason)
    try:
        return decode(data).rgb
    except (ImageUnreadable, ImageTooLarge, UnsupportedSize):
        raise NoPicture(UNREADABLE) from None


def _refuse_prompt(answer: GenerateContentResponse, prompt: str, model: str) -> None:
    """A block reason that nobody knows yet is one all the same."""
    feedback = answer.prompt_feedback
    if feedback is None or feedback.block_reason is None:
        return
    reason = feedback.block_reason.value
    if reason == "BLOCKED_REASON_UNSPECIFIED":
        return
    categories = _broken(feedback.safety_ratings or ()) or (_REFUSALS.get(reason, _OTHERWISE),)
    of_image = reason == "IMAGE_SAFETY"
    _block(
        ImageBlocked if of_image else PromptBlocked,
        "input" if of_image else "prompt",
        categories,
        prompt,
        model,
    )


def _block(error: type[Blocked], subject: str, categories: tuple[str, ...], prompt: str, model: str) -> None:
    """Raises ``error``, with the support code under which the log has it."""
    verdict = ScreeningResult(
        subject=subject, by=f"gemini:{model}", verdict="block", categories=categories, policy_version=model
    )
    raise_if_blocked([verdict], prompt, error, field="prompt" if error is PromptBlocked else None)


def _reason(candidate: Candidate) -> str:
    return candidate.finish_reason.value if candidate.finish_reason else "FINISH_REASON_UNSPECIFIED"


def _categories(reason: str, candidate: Candidate) -> tuple[str, ...]:
    return _broken(candidate.safety_ratings or ()) or (_REFUSALS[reason],)


def _broken(ratings: Iterable[SafetyRating]) -> tuple[str, ...]:
    """The categories that Google says were the reason, as our policy would write them."""
    blocked = [rating.category.value for rating in ratings if rating.blocked and rating.category]
    return tuple(category.removeprefix("HARM_CATEGORY_").lower() for category in blocked)


def _data(candidate: Candidate) -> bytes | None:
    """The bytes of the last picture that is not a thought."""
    parts = candidate.content.parts if candidate.content else None
    blobs = [part.inline_data for part in parts or () if part.inline_data and not part.thought]
    pictures = [blob.data for blob in blobs if blob.data and (blob.mime_type or "").startswith("image/")]
    return pictures[-1] if pictures else None
