"""Takes what a new job needs of its owner's limits, before anything of the job is written."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.api_keys.keys_file import keys_file_at
from ..contract.owner_limits import OwnerLimits, find_limits
from ..contract.settings import Settings
from ..services import Services
from .daily_bytes import DailyBytes
from .job_places import take_place


@dataclass(frozen=True)
class Allowance:
    """What a job has taken of its owner's day. Its place goes once the job has ended, or is not there."""

    day: DailyBytes | None = None
    size: int = 0

    def give_back_bytes(self) -> None:
        """Gives back the bytes of a request whose job another one made."""
        if self.day is not None:
            self.day.give_back(self.size)


def limits_of(owner: str, settings: Settings) -> OwnerLimits:
    """Returns the owner's limits: those of the list of keys, then those of the settings. Raises Transient."""
    listed = keys_file_at(settings.api_keys_file).current().limits if settings.api_keys_file else {}
    return find_limits(owner, listed, settings.limits)


def take_allowance(services: Services, owner: str, job_id: str, size: int) -> Allowance:
    """Returns what a job with ``size`` bytes of pictures has taken. Raises LimitReached and Transient."""
    limits = limits_of(owner, services.settings)
    place = None
    if limits.jobs_at_once is not None or limits.jobs_per_minute is not None:
        place = take_place(services, owner, job_id, limits)
    if limits.bytes_per_day is None or not size:
        return Allowance()
    day = DailyBytes(services.jobs, owner)
    try:
        day.take(size, limits.bytes_per_day)
    except BaseException:
        if place is not None:
            place.leave()
        raise
    return Allowance(day, size)
