"""Suggest: proposes requests for a picture, or for a region of it. No picture is made."""

from __future__ import annotations

from functions.contract.manifest import SuggestionFacts
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.vision.suggested_request import build_suggested_request

MAX_SUGGESTIONS = 6


def suggest(work: Work, tools: EngineTools) -> Work:
    """Adds up to six suggestions, the best first. The policy allows each, and each can be sent as it is."""
    found = tools.vision.suggester(work.model).suggest(work.images[0], work.mask)
    allowed = [edit for edit in found.edits if tools.screener.policy(edit.instruction).verdict != "block"]
    ready = [_with_request(edit, work) for edit in allowed]
    work.suggestions = [edit for edit in ready if edit.request is not None][:MAX_SUGGESTIONS]
    work.suggestions_by = found.by
    return work


def _with_request(idea: SuggestionFacts, work: Work) -> SuggestionFacts:
    """Returns the suggestion with its request; with None if no request of this picture's size can be made."""
    request = build_suggested_request(idea, work.request, work.width, work.height)
    return idea.model_copy(update={"request": request})
