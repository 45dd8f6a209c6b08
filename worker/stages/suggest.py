"""Suggest: requests that make sense for a picture, or for a region of it. No picture is made."""

from __future__ import annotations

from functions.contract.manifest import SuggestionFacts
from worker.stages.work import EngineTools, Work
from worker.vision.suggested_request import build_suggested_request

MOST = 6


def suggest(work: Work, tools: EngineTools) -> Work:
    """Up to six suggestions that can be sent as they are, the best first; none that the policy blocks."""
    found = tools.vision.suggester(work.model).suggest(work.images[0], work.mask)
    allowed = [edit for edit in found.edits if tools.screener.policy(edit.instruction).verdict != "block"]
    ready = [_with_request(edit, work) for edit in allowed]
    work.suggestions = [edit for edit in ready if edit.request is not None][:MOST]
    work.suggestions_by = found.by
    return work


def _with_request(idea: SuggestionFacts, work: Work) -> SuggestionFacts:
    """The suggestion as what can be sent back; without a request where the picture leaves no room for it."""
    request = build_suggested_request(idea, work.request, work.width, work.height)
    return idea.model_copy(update={"request": request})
