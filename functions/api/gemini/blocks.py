"""A block in the format of Gemini's API, whose clients look for it in its own places.

https://ai.google.dev/api/generate-content#BlockReason and #FinishReason
"""

from __future__ import annotations

from typing import Any

from ...contract.errors import Blocked, ErrorFacts

_PROHIBITED = "child_safety"


def block_answer(error: ErrorFacts) -> dict[str, Any]:
    """Returns the answer of ``generateContent``, sent with 200: there, a block is no error.

    A refused prompt or input is in ``promptFeedback``; a picture that was made and is withheld is a candidate
    without content.
    """
    if error.code == "image_blocked" and error.stage == "screen_output":
        candidate = {"finishReason": "IMAGE_SAFETY", "finishMessage": error.message, "index": 0}
        return {"candidates": [candidate]}
    reason = "IMAGE_SAFETY" if error.code == "image_blocked" else _block_reason(error)
    return {"promptFeedback": {"blockReason": reason, "blockReasonMessage": error.message}}


def blocked_content(error: Blocked) -> dict[str, Any]:
    """Returns the same for an error, with counts as in every answer."""
    return {**block_answer(error.facts(error.stage)), "usageMetadata": {"totalTokenCount": 0}}


def _block_reason(error: ErrorFacts) -> str:
    broken = error.block.categories if error.block else ()
    return "PROHIBITED_CONTENT" if _PROHIBITED in broken else "SAFETY"
