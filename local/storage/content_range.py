"""The Content-Range of a chunk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.storage.errors import InvalidValue

_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18}|\*)|\*)/(\d{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class ContentRange:
    """The position of a chunk in its object, in bytes.

    ==================  =====  ======  =====  ===================================================
    header              first  length  total  meaning
    ==================  =====  ======  =====  ===================================================
    ``bytes 0-9/20``    0      10      20     a chunk
    ``bytes 0-9/*``     0      10      None   a chunk that is not the last
    ``bytes 0-*/20``    0      None    20     this request has everything up to the end
    ``bytes 0-*/*``     0      None    None   this request has the rest of the object
    ``bytes */*``       None   0       None   a question: how much has arrived?
    ==================  =====  ======  =====  ===================================================
    """

    first: int | None
    length: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str) -> ContentRange:
        """Raises InvalidValue."""
        found = _RANGE.fullmatch(header.strip())
        if not found:
            raise InvalidValue(f"Invalid Content-Range: {header!r}")
        total = None if found[3] == "*" else int(found[3])
        if found[1] is None:
            return cls(None, 0, total)
        first, last = int(found[1]), None if found[2] == "*" else int(found[2])
        if total is not None and (first if last is None else last) >= max(total, 1):
            raise InvalidValue(f"Invalid Content-Range: {header!r}")
        if last is not None and last < first:
            raise InvalidValue(f"Invalid Content-Range: {header!r}")
        return cls(first, None if last is None else last - first + 1, total)

    @property
    def longest(self) -> int | None:
        """Returns how many bytes the chunk may have; None when the header does not say."""
        if self.length is None and self.total is not None:
            return self.total - (self.first or 0)
        return self.length

    def completes_at(self, end: int) -> bool:
        """Tells whether the object is whole with its first ``end`` bytes."""
        return end == self.total or (self.length is None and self.total is None)
