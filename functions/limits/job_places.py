"""Places of jobs: an empty object for each job of an owner with limits, from before its record is written.

A request writes its place and then lists all of the owner's. Those that Cloud Storage made earlier come
first; if as many as the limit come first, the request removes its own and is refused. Each request sees every
place that was written before its own listing, so that requests at the same time are counted as well.

The places of ended jobs are removed once they take the room of another job, after the minute in which they
count. A lifecycle rule removes what is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ..contract import paths
from ..contract.document import now
from ..contract.errors import LimitReached, NotFound, Overtaken, Transient
from ..contract.job_quota import JobQuota
from ..contract.owner_limits import OwnerLimits
from ..contract.storage.bucket import NEW, Bucket, ObjectInfo
from ..contract.timestamps import parse_time
from ..services import Services

MINUTE = timedelta(seconds=60)
_GONE = timedelta(minutes=5)  # from then on a place without a record is that of a process that has ended
_JOINED = "joined"
_REMOVED_AT_ONCE = 100
_PAUSE = 5  # seconds until a job may have ended


@dataclass(frozen=True)
class JobPlace:
    """A job's place. ``generation`` is None where another request for the same job made it."""

    objects: Bucket
    name: str
    generation: int | None

    def leave(self) -> None:
        """Removes the place, unless another request for the same job uses it."""
        if self.generation is not None:
            self.objects.delete(self.name, self.generation, if_metageneration=1)


def take_place(
    services: Services, owner: str, job_id: str, limits: OwnerLimits
) -> tuple[JobPlace, JobQuota | None]:
    """Returns the job's place among the owner's, and what is left after it: of the jobs a minute where they
    are limited, else of the jobs at once. Raises LimitReached and Transient.
    """
    place = _write_place(services.jobs, paths.job_place(owner, job_id))
    try:
        return place, _check_place(services, owner, place, limits)
    except BaseException:
        place.leave()
        raise


def _write_place(objects: Bucket, name: str) -> JobPlace:
    """Makes the place, or joins one that is there: a change of its metadata keeps it from being removed."""
    while True:
        try:
            return JobPlace(objects, name, objects.put(name, b"", "text/plain", if_generation=NEW))
        except Overtaken:
            with suppress(NotFound):  # removed between the two calls
                objects.set_metadata(name, {_JOINED: now().isoformat()})
                return JobPlace(objects, name, None)


def _check_place(services: Services, owner: str, place: JobPlace, limits: OwnerLimits) -> JobQuota | None:
    found = {info.name: info for info in services.jobs.list(paths.job_places_prefix(owner))}
    own = found.get(place.name)
    if own is None:  # its job has ended, or its request was away for minutes
        raise Transient("The job of this key was made just now: try again.")
    earlier = sorted(
        (info for info in found.values() if _order(info) < _order(own)), key=_order
    )  # the oldest first
    quota = None
    if limits.jobs_per_minute is not None:
        quota = _check_minute(earlier, own.created, limits.jobs_per_minute)
    if limits.jobs_at_once is None:
        _remove_some(services, (info for info in earlier if own.created - info.created >= MINUTE))
        return quota
    open_quota = _check_open(services, earlier, own.created, limits.jobs_at_once)
    return quota or open_quota


def _order(info: ObjectInfo) -> tuple[datetime, str]:
    return info.created, info.name


def _check_minute(earlier: list[ObjectInfo], at: datetime, limit: int) -> JobQuota:
    recent = [info.created for info in earlier if at - info.created < MINUTE]
    left = limit - len(recent)
    first = [*recent, at][max(0, -left)]  # once it has left the minute, one more may come
    quota = JobQuota(limit, max(0, left - 1), max(1, math.ceil((first + MINUTE - at).total_seconds())))
    if left <= 0:
        raise LimitReached(f"You may make {limit} jobs a minute.", quota=quota)
    return quota


def _check_open(services: Services, earlier: list[ObjectInfo], at: datetime, limit: int) -> JobQuota:
    """Checks the limit of jobs that have not ended. Looks for ended ones, and removes their places, only
    where all places are taken: until then they count as jobs that have not ended.
    """
    taken = len(earlier)
    if taken >= limit:
        ended = _find_ended(services, earlier, at)
        _remove_some(services, (info for info in ended if at - info.created >= MINUTE))
        taken -= len(ended)
    quota = JobQuota(limit, max(0, limit - taken - 1), _PAUSE)
    if taken >= limit:
        raise LimitReached(f"You may have {limit} jobs at once that have not ended.", quota=quota)
    return quota


def _find_ended(services: Services, places: list[ObjectInfo], at: datetime) -> list[ObjectInfo]:
    """Returns the places of jobs that have ended, and those of which no job has come for minutes.

    A look-up that fails shows nothing: a job counts as open until it is known to have ended.
    """
    manifests = {info.name: paths.manifest(_job_of(info)) for info in places}
    try:
        there = services.results.find_existing(manifests.values())
        ended = [info for info in places if manifests[info.name] in there]
        old = [info for info in places if info not in ended and at - _last_use(info) >= _GONE]
        records = services.jobs.find_existing(paths.job_record(_job_of(info)) for info in old)
        missing = [info for info in old if paths.job_record(_job_of(info)) not in records]
        return [*ended, *(info for info in missing if _has_no_record(services.jobs, info))]
    except Transient:
        return []


def _has_no_record(objects: Bucket, place: ObjectInfo) -> bool:
    """Makes sure of what the look-up of many did not find. Raises Transient."""
    try:
        objects.stat(paths.job_record(_job_of(place)))
    except NotFound:
        return True
    return False


def _last_use(place: ObjectInfo) -> datetime:
    """Returns when a request made the place, or came back to it."""
    return parse_time(place.metadata.get(_JOINED, "")) or place.created


def _job_of(place: ObjectInfo) -> str:
    return place.name.rpartition("/")[2]


def _remove_some(services: Services, places: Iterable[ObjectInfo]) -> None:
    """Removes so many places that one request is not held up, and more than one request adds."""

    def remove(info: ObjectInfo) -> None:
        services.jobs.delete(info.name, info.generation, if_metageneration=info.metageneration)

    for _ in services.pool.map(remove, islice(places, _REMOVED_AT_ONCE)):
        pass
