"""Takes what a request needs of its owner's limits, before anything of it is written."""

from __future__ import annotations

from ..contract import paths
from ..contract.api_keys.keys_file import keys_file_at
from ..contract.job_quota import JobQuota
from ..contract.owner_limits import OwnerLimits, find_limits
from ..contract.settings import Settings
from ..contract.storage.bucket import ObjectInfo
from ..services import Services
from .daily_bytes import DailyBytes
from .job_places import take_place


def limits_of(owner: str, settings: Settings) -> OwnerLimits:
    """Returns the owner's limits: those of the list of keys, then those of the settings. Raises Transient."""
    listed = keys_file_at(settings.api_keys_file).current().limits if settings.api_keys_file else {}
    return find_limits(owner, listed, settings.limits)


def counts_jobs(owner: str, settings: Settings) -> bool:
    """Returns True where the number of the owner's jobs is limited. Raises Transient."""
    return limits_of(owner, settings).counts_jobs


def take_job(services: Services, owner: str, job_id: str, size: int) -> JobQuota | None:
    """Takes the place of a job, and ``size`` bytes of pictures. Returns what is left of the owner's limit of
    jobs; None without one. Raises LimitReached and Transient.

    The place goes once the job has ended, or is not there.
    """
    limits = limits_of(owner, services.settings)
    place = quota = None
    if limits.counts_jobs:
        place, quota = take_place(services, owner, job_id, limits)
    try:
        _take_bytes(services, owner, job_id, size, limits)
    except BaseException:
        if place is not None:
            place.leave()
        raise
    return quota


def take_bytes(services: Services, owner: str, source: str, size: int) -> None:
    """Counts ``size`` bytes that the owner sends, once for one ``source``. Raises LimitReached and
    Transient.
    """
    _take_bytes(services, owner, source, size, limits_of(owner, services.settings))


def _take_bytes(services: Services, owner: str, source: str, size: int, limits: OwnerLimits) -> None:
    if limits.bytes_per_day is not None and size:
        DailyBytes(services.jobs, owner).take(source, size, limits.bytes_per_day)


def counted_size(found: ObjectInfo) -> int:
    """Returns the bytes of an object that count where it is used: none of a file that counted when it was
    stored.
    """
    is_counted = found.name.startswith(paths.UPLOADED_BY_API) and paths.COUNTED in found.metadata
    return 0 if is_counted else found.size
