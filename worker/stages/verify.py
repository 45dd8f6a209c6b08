"""Verify: what a picture and its file say of where they come from. Nothing is drawn and nothing leaves."""

from __future__ import annotations

from worker.stages.work import EngineTools, Work


def verify(work: Work, tools: EngineTools) -> Work:
    """Examines the one picture; whose it is the parent process looks up, which may ask the storage."""
    work.examination = tools.examiner.look(work.files[0], work.images[0])
    return work
