"""A block, as the clients of other APIs look for it."""

from __future__ import annotations

import pytest
from google.genai import types

from functions.api.gemini import blocks
from functions.contract.errors import BlockFacts, ErrorFacts, ImageBlocked, PromptBlocked


def facts(error: type[PromptBlocked | ImageBlocked], stage: str | None, *categories: str) -> ErrorFacts:
    block = BlockFacts(categories=categories, policy_version="2026-11", support_code="AAAAA-BBBBB")
    return error("Quote AAAAA-BBBBB.", block=block).facts(stage)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (facts(PromptBlocked, None, "hate"), types.BlockedReason.SAFETY),
        (facts(PromptBlocked, "screen", "child_safety", "hate"), types.BlockedReason.PROHIBITED_CONTENT),
        (facts(ImageBlocked, "screen_input", "hate"), types.BlockedReason.IMAGE_SAFETY),
    ],
)
def test_gemini_hears_of_what_was_asked_in_the_prompt_feedback(
    error: ErrorFacts, reason: types.BlockedReason
) -> None:
    answer = types.GenerateContentResponse.model_validate(blocks.block_answer(error))
    assert answer.prompt_feedback is not None
    assert answer.prompt_feedback.block_reason == reason
    assert not answer.candidates


def test_gemini_hears_of_what_was_made_in_the_finish_reason() -> None:
    answer = types.GenerateContentResponse.model_validate(
        blocks.block_answer(facts(ImageBlocked, "screen_output", "hate"))
    )
    assert answer.prompt_feedback is None
    assert answer.candidates is not None
    [candidate] = answer.candidates
    assert candidate.finish_reason == types.FinishReason.IMAGE_SAFETY
    assert candidate.content is None
