"""The origin of a marked picture, from the watermark index and the stored results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PictureOrigin:
    """The known facts about the picture that was marked with a payload.

    ``is_askers``: True if the job belongs to the caller; other callers do not learn which job it is.
    ``same_file`` and ``same_pixels`` compare with the delivered file; None if it is no longer stored.
    """

    job_id: str
    n: int
    is_askers: bool
    made: datetime | None = None
    deleted: bool = False
    same_file: bool | None = None
    same_pixels: bool | None = None
