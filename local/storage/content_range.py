"""The Content-Range of a chunk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import Invalid

_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class ContentRange:
    """``first`` and ``total`` are None where they are ``*``; ``length`` is 0 for a status query."""

    first: int | None
    length: int
    total: int | None

    @classmethod
    def of(cls, header: str) -> ContentRange:
        """Raises Invalid."""
        found = _RANGE.fullmatch(header.strip())
        if not found:
            raise Invalid(f"Invalid Content-Range: {header!r}")
        total = None if found[3] == "*" else int(found[3])
        if found[1] is None:
            return cls(None, 0, total)
        first, last = int(found[1]), int(found[2])
        if last < first or (total is not None and last >= total):
            raise Invalid(f"Invalid Content-Range: {header!r}")
        return cls(first, last - first + 1, total)
