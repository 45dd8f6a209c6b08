"""Results go before records do: which pictures of a job are there, and what is told of those that are not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..contract import paths
from ..contract.document import now
from ..contract.errors import UNREADABLE, ExpiredResult, NotFound, PlantainError
from ..contract.job import JobRecord
from ..contract.paths import ObjectName
from ..contract.settings import Settings
from ..services import Services


def results_kept_until(settings: Settings, ended: datetime) -> datetime | None:
    """Return when the results of what has ended then are removed; None where nothing removes them."""
    days = settings.retention_days.get("results/")
    return None if days is None else ended + timedelta(days=days)


def existing_pictures(services: Services, job_id: str, names: Iterable[str]) -> frozenset[str]:
    """Return those of a job's pictures that are there: one listing, and none for a job without pictures."""
    wanted = frozenset(names)
    if not wanted:
        return wanted
    return wanted & {found.name for found in services.results.list(paths.results_prefix(job_id))}


def expired_result_error(settings: Settings, ended: datetime, of: str = "job") -> ExpiredResult:
    """Return the error for results of a job, or of a batch, that are gone; it carries the dates."""
    until = results_kept_until(settings, ended)
    told = f"The {of} ended on {ended:%Y-%m-%d}, and its results"
    if until is None:
        message = f"{told} were removed since."
    else:
        message = f"{told} were {'removed before' if until > now() else 'kept until'} {until:%Y-%m-%d}."
    return ExpiredResult(message, ended=ended, kept_until=until)


def expired_picture_error(services: Services, name: ObjectName) -> ExpiredResult | None:
    """Return the error for an object that is not there, where it was a picture of a job; else None."""
    if name.bucket != services.settings.results_bucket:
        return None
    try:
        record = services.store.read(name.name.partition("/")[0]).record
    except (NotFound, *UNREADABLE):
        return None
    if name.name not in record.images:
        return None
    return expired_result_error(services.settings, record.ended or record.updated)


def no_manifest_error(services: Services, record: JobRecord) -> PlantainError:
    """Return why there is no manifest: the job has not ended, or what it came to is not kept any more."""
    if record.state.is_terminal:
        return expired_result_error(services.settings, record.ended or record.updated)
    return NotFound(f"The job has not ended: it is {record.state}.")
