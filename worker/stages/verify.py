"""Verify: examines a picture and its file for marks of their origin. No picture is made."""

from __future__ import annotations

from worker.stages.tools import EngineTools
from worker.stages.work import Work


def verify(work: Work, tools: EngineTools) -> Work:
    """Examines the one picture. The parent process looks up its job, because only it reaches the storage."""
    work.examination = tools.examiner.examine_decoded(work.files[0], work.images[0])
    return work
