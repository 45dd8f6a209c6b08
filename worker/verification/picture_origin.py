"""Where a picture comes from, as far as the table of marks and the results can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PictureOrigin:
    """What is known of the picture that a payload was written into.

    ``is_askers``: whether the job belongs to whoever asks; nobody else is told which it is. ``same_file`` and
    ``same_pixels`` compare with what was delivered; None where that is not kept any more.
    """

    job_id: str
    n: int
    is_askers: bool
    made: datetime | None = None
    deleted: bool = False
    same_file: bool | None = None
    same_pixels: bool | None = None
