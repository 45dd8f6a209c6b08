"""Suggest: edits that make sense for a picture, or for a region of it. No picture is made."""

from __future__ import annotations

from worker.stages.work import Tools, Work

MOST = 6


def suggest(work: Work, tools: Tools) -> Work:
    """Three to six suggestions, the best first; what the policy would block is not suggested."""
    found = tools.eyes.suggester(work.model).suggest(work.images[0], work.mask)
    allowed = [edit for edit in found.edits if tools.screener.policy(edit.instruction).verdict != "block"]
    work.suggestions, work.suggestions_by = allowed[:MOST], found.by
    return work
