"""Reconciliation: every open job or batch whose next step never came is ended, or continued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from time import monotonic

from ..batches.state_machine import sweep_batch
from ..contract import paths
from ..contract.document import now
from ..contract.errors import (
    UNREADABLE,
    AttemptsExhausted,
    Canceled,
    DamagedDocument,
    DeadlineExceeded,
    Deleted,
    InvalidRequest,
    NotFound,
    Overtaken,
    PlantainError,
    UnsupportedVersion,
)
from ..contract.job import NOTHING_DONE, JobRecord
from ..contract.states import State
from ..contract.storage.bucket import ObjectInfo
from ..contract.storage.open_markers import late_writers, writers_on
from ..contract.telemetry.log import log
from ..deletion.job_deletion import finish_job_deletion as finish_deletion
from ..intake.admission import publish_job
from ..intake.stored_inputs import remove_unnamed_inputs
from ..lifecycle.cancellation import is_leased
from ..lifecycle.quarantine import quarantine, read_manifest_or_quarantine
from ..lifecycle.retention import remove_expired
from ..notifications.end_notifications import notify_job_ended
from ..notifications.open_marker import DUE, NOTIFIED, is_waiting
from ..services import Services
from ..tracing import traced_sweep

BUDGET_SECONDS = 50.0  # a minute passes from one run to the next
_FOR_BATCHES = 5.0  # seconds beyond the budget: there are few, and each takes a look or two
_HANDS = 8
_COUNTED = 1_000  # documents that were set aside, at the most: one page of a listing
_BATCH = 64
_ORPHAN_AGE = 10  # times ``sweep_after_seconds``, and at least _ORPHAN_LEAST
_STRANDED_LEAST = timedelta(minutes=10)
_ORPHAN_LEAST = timedelta(minutes=10)


_REPORTED = "reported"  # on a marker: the code of the error that was reported


@dataclass
class SweepReport:
    """What one run did: how often each thing was done, and whether time was too short for some markers."""

    counts: Counter[str] = field(default_factory=Counter)
    more: bool = False

    def summary(self) -> dict[str, object]:
        return {**dict(sorted(self.counts.items())), "more": self.more}


@traced_sweep()
def sweep_once(services: Services, budget_seconds: float = BUDGET_SECONDS) -> SweepReport:
    """Looks at every open job that is older than ``sweep_after_seconds``, until the budget is spent.

    Each run begins at another place, so that no job waits for ever behind many others.
    """
    ends, swept = monotonic() + budget_seconds, SweepReport()
    markers = (marker for marker in _list_markers(services) if _is_of_age(services, marker))
    with ThreadPoolExecutor(_HANDS, "sweep") as hands:
        while batch := list(islice(markers, _BATCH)):
            swept.counts.update(hands.map(partial(_sweep_job, services), batch))
            if monotonic() > ends:
                swept.more = next(markers, None) is not None
                break
    for marker in services.jobs.list(paths.OPEN_BATCHES):
        if monotonic() > ends + _FOR_BATCHES:
            swept.more = True
            break
        swept.counts[_sweep_one_batch(services, marker)] += 1
    if removed := remove_expired(services):
        swept.counts["retention_ended"] += removed
    log("sweep.done", counts=dict(swept.counts), more=swept.more)
    _log_quarantined(services)
    return swept


def _log_quarantined(services: Services) -> None:
    """Says how many documents wait for a person, where any do: nothing else would notice that they stay."""
    waiting = sum(1 for _ in islice(services.jobs.list(paths.SET_ASIDE), _COUNTED))
    if waiting:
        log("sweep.set_aside_waits", objects=waiting)


def _list_markers(services: Services) -> Iterator[ObjectInfo]:
    start = paths.open_marker(paths.new_job_id())
    yield from services.jobs.list(paths.OPEN, after=start)
    for marker in services.jobs.list(paths.OPEN):
        if marker.name > start:
            return
        yield marker


def _is_of_age(services: Services, marker: ObjectInfo) -> bool:
    """Returns False for a young job, whose next step is on its way. A webhook is due when its
    schedule says.
    """
    if DUE in marker.metadata and NOTIFIED in marker.metadata:
        return not is_waiting(marker.metadata)
    return now() - marker.created >= timedelta(seconds=services.settings.sweep_after_seconds)


def _sweep_job(services: Services, marker: ObjectInfo) -> str:
    """Returns what was done for one job."""
    job_id = marker.name.removeprefix(paths.OPEN)
    note = partial(log, "sweep.failed", "ERROR", job_id=job_id)
    done = _isolated(services, marker, lambda: _advance_job(services, job_id, marker), note)
    if done not in ("waiting", *_UNDONE):
        log("sweep.drove", job_id=job_id, done=done)
    return done


def _sweep_one_batch(services: Services, marker: ObjectInfo) -> str:
    """Returns what was done for one batch."""
    batch_id = marker.name.removeprefix(paths.OPEN_BATCHES)
    note = partial(log, "sweep.failed", "ERROR", batch_id=batch_id)
    return _isolated(services, marker, lambda: sweep_batch(services, marker, batch_id), note)


_MOVED_ON, _ERRORS = _UNDONE = ("moved_on", "errors")


def _isolated(
    services: Services, marker: ObjectInfo, drive: Callable[[], str], note: Callable[..., None]
) -> str:
    """Returns what ``drive`` did. This one place catches every error, so that no job can stop the others."""
    try:
        return drive()
    except (NotFound, Overtaken):  # it changed during the look
        return _MOVED_ON
    except UNREADABLE as error:
        return _report_unreadable(services, marker, error, note)
    except PlantainError as error:
        note(code=error.code)  # the message may name an upload
    except Exception as error:  # noqa: BLE001 - recorded here, and the next run tries again
        note(trace=error)
    return _ERRORS


def _report_unreadable(
    services: Services, marker: ObjectInfo, error: PlantainError, note: Callable[..., None]
) -> str:
    """Reports an unreadable document once, and not each minute: the marker remembers it."""
    if marker.metadata.get(_REPORTED) == error.code:
        return "waiting"
    note(code=error.code)
    with suppress(PlantainError):  # closed meanwhile, or not reached: then it is reported once more
        services.jobs.set_metadata(marker.name, {_REPORTED: error.code})
    return "unreadable"


def _advance_job(services: Services, job_id: str, marker: ObjectInfo) -> str:
    _remove_what_is_late(services, job_id, marker)
    if not paths.JOB_ID.match(job_id):
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
    if manifest is None:  # set aside: a person has to look at it
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
