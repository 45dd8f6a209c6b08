"""The watermark index: which picture a watermark's payload belongs to. One object for each
delivered picture.
"""

from __future__ import annotations

from typing import ClassVar

from .. import paths
from ..document import Document
from ..errors import DamagedDocument, NotFound, Overtaken, UnsupportedVersion
from .bucket import NEW, Bucket


class WatermarkEntry(Document):
    """An entry of the index: the picture and the job of a payload, and the version of the key.

    It outlives the job: after a deletion it still says that the picture is ours.
    """

    kind: ClassVar[str] = "mark"

    job_id: str
    n: int
    key_version: int

    def is_of(self, other: WatermarkEntry) -> bool:
        """Returns True if both name the same picture, which may have been marked again with a newer key."""
        return (self.job_id, self.n) == (other.job_id, other.n)


class WatermarkIndex:
    """The entries, in the jobs bucket, under the payload's 16 hexadecimal digits."""

    def __init__(self, jobs: Bucket) -> None:
        self._jobs = jobs

    def write(self, payload: str, mark: WatermarkEntry) -> None:
        """Writes the entry, once for each picture, however often it is drawn.

        Raises Overtaken when the payload is another picture's already: the chance is one in 2⁶⁴.
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
        """Returns the payload's entry; None for an unknown payload or an unreadable entry."""
        try:
            return WatermarkEntry.parse(self._jobs.get(paths.watermark_entry(payload)).data)
        except (NotFound, DamagedDocument, UnsupportedVersion):
            return None
