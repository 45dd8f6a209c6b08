"""Verify: examines a picture or a clip, and its file, for marks of their origin. No picture is made."""

from __future__ import annotations

from worker.clips.clip_reader import is_clip
from worker.stages.tools import MarkingTools
from worker.stages.work import Work


def verify(work: Work, tools: MarkingTools) -> Work:
    """Examines the one picture. The parent process looks up its job, because only it reaches the storage."""
    file = work.files[0]
    clip = tools.examiner.examine(file) if is_clip(file) else None
    work.examination = clip or tools.examiner.examine_decoded(file, work.images[0])
    return work
