"""Results are deleted before records: which pictures of a job exist, and the errors for those that do not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..contract import paths
from ..contract.document import now
from ..contract.errors import UNREADABLE, ExpiredResult, NotFound, PlantainError
from ..contract.job import JobRecord
from ..contract.object_names import ObjectName
from ..contract.settings import Settings
from ..services import Services


def results_kept_until(settings: Settings, ended: datetime) -> datetime | None:
    """Returns when the results of a job that ended at ``ended`` are deleted; None where no rule
    deletes them.
    """
    days = settings.retention_days.get("results/")
    return None if days is None else ended + timedelta(days=days)


def existing_pictures(services: Services, job_id: str, names: Iterable[str]) -> frozenset[str]:
    """Returns those of a job's pictures that exist. Takes one listing, if the job has any pictures."""
    wanted = frozenset(names)
    if not wanted:
        return wanted
    return wanted & {found.name for found in services.results.list(paths.results_prefix(job_id))}


def expired_result_error(settings: Settings, ended: datetime, of: str = "job") -> ExpiredResult:
    """Returns the error for deleted results of a job or a batch, with its dates."""
    until = results_kept_until(settings, ended)
    ending = f"The {of} ended on {ended:%Y-%m-%d}, and its results"
    if until is None:
        message = f"{ending} were removed since."
    else:
        message = f"{ending} were {'removed before' if until > now() else 'kept until'} {until:%Y-%m-%d}."
    return ExpiredResult(message, ended=ended, kept_until=until)


def expired_picture_error(services: Services, name: ObjectName) -> ExpiredResult | None:
    """Returns the error for a missing object that was a picture of a job; None for any other object."""
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
    """Returns why there is no manifest: the job has not ended, or its results were deleted."""
    if record.state.is_terminal:
        return expired_result_error(services.settings, record.ended or record.updated)
    return NotFound(f"The job has not ended: it is {record.state}.")
