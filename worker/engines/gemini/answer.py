"""Reads Gemini's answer: a picture, a refusal, or neither.

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
from worker.pictures.decode import decode_picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.genai.types import Candidate, GenerateContentResponse, SafetyRating

# Google's reasons for refusing a prompt or a picture, and the categories of our verdicts.
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
_UNKNOWN_REASON = "unsafe_content"
UNREADABLE = "UNREADABLE"  # our own word among Google's reasons


class AnswerWithoutPicture(Exception):
    """The model answered without a picture. ``reason`` is Google's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_picture(answer: GenerateContentResponse, *, prompt: str, model: str) -> Picture:
    """Returns the answer's last picture, float32 (H, W, 3) in 0–1. Those before it are drafts.

    Raises PromptBlocked, ImageBlocked and AnswerWithoutPicture.
    """
    _refuse_prompt(answer, prompt, model)
    candidate = answer.candidates[0] if answer.candidates else None
    if candidate is None or (candidate.content is None and candidate.finish_reason is None):
        raise AnswerWithoutPicture(UNREADABLE)  # the client reads any other document as such an answer
    reason = _finish_reason(candidate)
    if reason in _REFUSALS:
        _raise_blocked(ImageBlocked, "picture", _blocked_categories(reason, candidate), prompt, model)
    data = _last_picture_data(candidate)
    if data is None:
        raise AnswerWithoutPicture(reason)
    try:
        return decode_picture(data).rgb
    except (ImageUnreadable, ImageTooLarge, UnsupportedSize):
        raise AnswerWithoutPicture(UNREADABLE) from None


def _refuse_prompt(answer: GenerateContentResponse, prompt: str, model: str) -> None:
    """Raises PromptBlocked or ImageBlocked for any block reason, also an unknown one."""
    feedback = answer.prompt_feedback
    if feedback is None or feedback.block_reason is None:
        return
    reason = feedback.block_reason.value
    if reason == "BLOCKED_REASON_UNSPECIFIED":
        return
    categories = _categories_of_ratings(feedback.safety_ratings or ()) or (
        _REFUSALS.get(reason, _UNKNOWN_REASON),
    )
    of_image = reason == "IMAGE_SAFETY"
    _raise_blocked(
        ImageBlocked if of_image else PromptBlocked,
        "input" if of_image else "prompt",
        categories,
        prompt,
        model,
    )


def _raise_blocked(
    error: type[Blocked], subject: str, categories: tuple[str, ...], prompt: str, model: str
) -> None:
    """Raises ``error`` with the support code that the log has too."""
    verdict = ScreeningResult(
        subject=subject, by=f"gemini:{model}", verdict="block", categories=categories, policy_version=model
    )
    raise_if_blocked([verdict], prompt, error, field="prompt" if error is PromptBlocked else None)


def _finish_reason(candidate: Candidate) -> str:
    return candidate.finish_reason.value if candidate.finish_reason else "FINISH_REASON_UNSPECIFIED"


def _blocked_categories(reason: str, candidate: Candidate) -> tuple[str, ...]:
    return _categories_of_ratings(candidate.safety_ratings or ()) or (_REFUSALS[reason],)


def _categories_of_ratings(ratings: Iterable[SafetyRating]) -> tuple[str, ...]:
    """Returns the categories that Google names as the reason, in our policy's spelling."""
    blocked = [rating.category.value for rating in ratings if rating.blocked and rating.category]
    return tuple(category.removeprefix("HARM_CATEGORY_").lower() for category in blocked)


def _last_picture_data(candidate: Candidate) -> bytes | None:
    """Returns the bytes of the last picture that is not a thought."""
    parts = candidate.content.parts if candidate.content else None
    blobs = [part.inline_data for part in parts or () if part.inline_data and not part.thought]
    pictures = [blob.data for blob in blobs if blob.data and (blob.mime_type or "").startswith("image/")]
    return pictures[-1] if pictures else None
