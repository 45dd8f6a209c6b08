"""Handles one open job for ``sweep``: ends the job, continues it, or removes what it left behind."""

from __future__ import annotations

from datetime import timedelta

from ..contract import ids, paths
from ..contract.document import now
from ..contract.errors import (
    AttemptsExhausted,
    Canceled,
    DamagedDocument,
    DeadlineExceeded,
    Deleted,
    InvalidRequest,
    NotFound,
    UnsupportedVersion,
)
from ..contract.job import NOTHING_DONE, JobRecord
from ..contract.states import State
from ..contract.storage.bucket import ObjectInfo
from ..contract.storage.open_markers import late_writers, writers_on
from ..deletion.job_deletion import finish_job_deletion as finish_deletion
from ..intake.admission import publish_job
from ..intake.stored_inputs import remove_unnamed_inputs
from ..lifecycle.cancellation import is_leased
from ..lifecycle.quarantine import quarantine, read_manifest_or_quarantine
from ..notifications.end_notifications import notify_job_ended
from ..services import Services

_ORPHAN_AGE = 10  # times ``sweep_after_seconds``, and at least _ORPHAN_LEAST
_STRANDED_LEAST = timedelta(minutes=10)
_ORPHAN_LEAST = timedelta(minutes=10)


def advance_job(services: Services, job_id: str, marker: ObjectInfo) -> str:
    """Does what the job's state asks for, and returns that as a name for the report of ``sweep``."""
    _remove_what_is_late(services, job_id, marker)
    if not ids.JOB_ID.match(job_id):
        raise DamagedDocument("The marker is not a job's.")
    try:
        record = services.store.read(job_id).record
    except Deleted:
        finish_deletion(services, job_id)
        return "deleted"
    except NotFound:
        return _without_record(services, job_id, marker)
    except InvalidRequest as error:
        return _quarantine_record(services, job_id, error)
    if record.state.is_terminal:
        return (
            _notify_end(services, job_id)
            if _has_manifest(services, job_id)
            else _past_telling(services, job_id)
        )
    if is_leased(record):
        return "waiting"
    if _has_manifest(services, job_id):
        return _notify_end(services, job_id)
    return _end_if_over(services, record) or _publish_again(services, record, marker)


def _orphan_age(services: Services) -> timedelta:
    """Returns the time after which a request that is still being admitted counts as dead."""
    return max(_ORPHAN_LEAST, timedelta(seconds=_ORPHAN_AGE * services.settings.sweep_after_seconds))


def _remove_what_is_late(services: Services, job_id: str, marker: ObjectInfo) -> None:
    """Removes the pictures of requests that lost the job to another with the same key, and died then."""
    late = late_writers(marker, _orphan_age(services))
    if late and _is_recorded(services, job_id):
        remove_unnamed_inputs(services.store, job_id)
        services.store.markers.mark(job_id, **dict.fromkeys(late))


def _is_recorded(services: Services, job_id: str) -> bool:
    """Returns True if there is a record or a tombstone: no request can create the job any more."""
    try:
        services.jobs.stat(paths.job_record(job_id))
    except NotFound:
        return False
    return True


def _without_record(services: Services, job_id: str, marker: ObjectInfo) -> str:
    """Deletes the inputs of a request that died before it recorded its job, once it is too old to be
    repeated.

    The marker is barred first, so that no request with the same key begins meanwhile. If the record is lost
    and there is a manifest, the manifest alone rebuilds the record.
    """
    if _has_manifest(services, job_id):
        return _notify_end(services, job_id)
    last = max([marker.created, *writers_on(marker).values()])
    if now() - last < _orphan_age(services):
        return "waiting"
    services.store.markers.bar(marker)
    services.jobs.delete_prefix(paths.inputs_prefix(job_id))
    services.jobs.delete(marker.name, if_generation=marker.generation)
    return "orphans_removed"


def _quarantine_record(services: Services, job_id: str, error: InvalidRequest) -> str:
    """Keeps and reports a record of a newer version, or a damaged one, once. The record is left as it is."""
    first = quarantine(services, services.jobs.get(paths.job_record(job_id)).data, error, {"job_id": job_id})
    newer = isinstance(error, UnsupportedVersion)
    return ("newer_version" if newer else "unreadable") if first else "waiting"


def _has_manifest(services: Services, job_id: str) -> bool:
    try:
        services.results.stat(paths.manifest(job_id))
    except NotFound:
        return False
    return True


def _notify_end(services: Services, job_id: str) -> str:
    manifest = read_manifest_or_quarantine(services, job_id)
    if manifest is None:  # quarantined: a person has to look at it
        return "waiting"
    notify_job_ended(services, manifest)
    return "told"


def _past_telling(services: Services, job_id: str) -> str:
    """Closes a job whose results were deleted before its end was announced: there is nothing left
    to announce.
    """
    services.store.markers.close(job_id)
    return "past_telling"


def _end_if_over(services: Services, record: JobRecord) -> str | None:
    """Ends a job that no worker has and that must go no further. Returns None for any other job."""
    if record.state is State.CANCELING:
        services.committer.end(record, State.CANCELED, Canceled().facts())
        return "canceled"
    if record.deadline <= now():
        error = DeadlineExceeded("The job did not end within its deadline: allow more time, or add workers.")
        services.committer.end(record, State.EXPIRED, error.facts())
        return "expired"
    if record.state is State.RUNNING and record.attempt >= services.settings.max_attempts:
        error = AttemptsExhausted(f"{record.attempt} attempts at the job were lost.")
        services.committer.end(record, State.FAILED, error.facts())
        return "given_up"
    return None


def _publish_again(services: Services, record: JobRecord, marker: ObjectInfo) -> str:
    """Publishes a job that lost its worker, or that was never published."""
    if record.state is State.RUNNING or _is_stranded(services, record):
        record = services.store.change(record.id, _handed_back).record
        if record.state is not State.QUEUED:
            return "waiting"
        publish_job(services, record)
        services.store.put_in_index(record)
        return "requeued"
    if "published" in marker.metadata:
        return "waiting"
    publish_job(services, record)
    services.store.put_in_index(record)
    return "published"


def _is_stranded(services: Services, record: JobRecord) -> bool:
    """Returns True for a job that went back to the queue a while ago: its message may be a dead
    letter by now.
    """
    age = timedelta(seconds=services.settings.sweep_after_seconds)
    return (
        record.state is State.QUEUED
        and record.attempt > 0
        and now() - record.updated >= max(age, _STRANDED_LEAST)
    )


def _handed_back(record: JobRecord) -> JobRecord | None:
    """Returns the job without its lapsed lease; None if a worker leases it again."""
    if is_leased(record) or record.state not in (State.RUNNING, State.QUEUED):
        return None
    if record.state is State.QUEUED:  # noted, so that the next run does not do it again
        return record.model_copy(update={"updated": now()})
    return record.moved(State.QUEUED, "the lease lapsed", lease=None, **NOTHING_DONE)
