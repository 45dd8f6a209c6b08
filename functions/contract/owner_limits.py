"""How much one owner may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from .document import DocumentPart

EVERY_OWNER = "*"  # in a map of limits: who has none of their own
_MOST = 10_000


class OwnerLimits(DocumentPart, use_attribute_docstrings=True):
    """The limits of one owner. None: no limit."""

    jobs_at_once: int | None = Field(default=None, ge=1, le=_MOST)
    """Jobs that have not ended."""
    jobs_per_minute: int | None = Field(default=None, ge=1, le=_MOST)
    """New jobs within 60 seconds."""
    bytes_per_day: int | None = Field(default=None, ge=1, le=2**50)
    """Bytes of the pictures that new jobs take, from midnight to midnight in UTC."""

    @property
    def counts_jobs(self) -> bool:
        """Whether the number of jobs is limited, at once or by the minute."""
        return self.jobs_at_once is not None or self.jobs_per_minute is not None

    def over(self, other: Self) -> Self:
        """Returns these limits, and where there is none, the other's."""
        return other.model_copy(update=self.model_dump(exclude_none=True))


def find_limits(owner: str, *maps: Mapping[str, OwnerLimits]) -> OwnerLimits:
    """Returns the owner's limits. In each map the owner's own come before those of every owner, and a map
    comes before those after it.
    """
    found = OwnerLimits()
    for limits in reversed(maps):
        for name in (EVERY_OWNER, owner):
            if name in limits:
                found = limits[name].over(found)
    return found
