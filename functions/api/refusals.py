"""A block in the formats of Gemini's and OpenAI's APIs, whose clients look for it in their own places.

https://ai.google.dev/api/generate-content#BlockReason and #FinishReason
https://platform.openai.com/docs/guides/image-generation#content-moderation
"""

from __future__ import annotations

from typing import Any

from ..contract.errors import ErrorFacts

_PROHIBITED = "child_safety"
OPENAI_STATUS = 400


def gemini_block_response(error: ErrorFacts) -> dict[str, Any]:
    """Returns the answer of ``generateContent``, sent with 200: there, a block is no error.

    A refused prompt or input is in ``promptFeedback``; a picture that was made and is withheld is a candidate
    without content.
    """
    if error.code == "image_blocked" and error.stage == "screen_output":
        candidate = {"finishReason": "IMAGE_SAFETY", "finishMessage": error.message, "index": 0}
        return {"candidates": [candidate]}
    reason = "IMAGE_SAFETY" if error.code == "image_blocked" else _gemini_reason(error)
    return {"promptFeedback": {"blockReason": reason, "blockReasonMessage": error.message}}


def openai_block_response(error: ErrorFacts) -> dict[str, Any]:
    """Returns the answer of the image endpoints, sent with OPENAI_STATUS."""
    param = "prompt" if error.code == "prompt_blocked" else "image"
    fields = {"message": error.message, "type": "image_generation_user_error", "code": "moderation_blocked"}
    return {"error": {**fields, "param": None if error.stage == "screen_output" else param}}


def _gemini_reason(error: ErrorFacts) -> str:
    broken = error.block.categories if error.block else ()
    return "PROHIBITED_CONTENT" if _PROHIBITED in broken else "SAFETY"
