"""The table of marks: what a watermark's payload stands for. One object per delivered picture."""

from __future__ import annotations

from typing import ClassVar

from .. import paths
from ..document import Document
from ..errors import DamagedDocument, NotFound, Overtaken, UnsupportedVersion
from .bucket import NEW, Bucket


class WatermarkEntry(Document):
    """Which picture of which job a payload was written into, and with which version of the key.

    It outlives the job: of a deleted one it still says that the picture is ours.
    """

    kind: ClassVar[str] = "mark"

    job_id: str
    n: int
    key_version: int

    def is_of(self, other: WatermarkEntry) -> bool:
        """Whether both are of the same picture: one that is drawn again may be marked with a newer key."""
        return (self.job_id, self.n) == (other.job_id, other.n)


class WatermarkIndex:
    """Kept in the jobs bucket, under the payload's 16 hexadecimal digits."""

    def __init__(self, jobs: Bucket) -> None:
        self._jobs = jobs

    def write(self, payload: str, mark: WatermarkEntry) -> None:
        """Once for each picture, however often it is drawn.

        Raises Overtaken where the payload is another picture's already: one in 2⁶⁴ would be.
        """
        name = paths.watermark_entry(payload)
        try:
            self._jobs.put(name, mark.encode(), if_generation=NEW)
        except Overtaken:
            found = self._jobs.get(name)
            try:
                if not WatermarkEntry.parse(found.data).is_of(mark):
                    raise
            except DamagedDocument:  # it can only be this picture's own
                self._jobs.put(name, mark.encode(), if_generation=found.generation)

    def find(self, payload: str) -> WatermarkEntry | None:
        """None for a payload that this table knows nothing of, or nothing that can be read."""
        try:
            return WatermarkEntry.parse(self._jobs.get(paths.watermark_entry(payload)).data)
        except (NotFound, DamagedDocument, UnsupportedVersion):
            return None
