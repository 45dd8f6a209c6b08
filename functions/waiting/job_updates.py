"""The progress of a job as it is made: its record, each time that it has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep

from ..contract.errors import NotFound, Transient
from ..contract.job import JobRecord
from ..job_end_watcher import TOGETHER
from ..services import Services

_LOOK = 0.7  # seconds between two looks at a record; a worker writes progress about once a second
QUIET = 15.0  # seconds without news after which a connection needs a sign of life


def follow_job(
    services: Services, record: JobRecord, until: float, is_abandoned: Callable[[], bool] = lambda: False
) -> Iterator[JobRecord | None]:
    """Yields the job as it is, then each time that its record has changed, until it has ended.

    Yields None after ``QUIET`` seconds without news. The iterator ends with the job, at ``until`` (on the
    monotonic clock) or when ``is_abandoned``. Each look reads one object. Raises TooManyWaiting at once when
    this process has no place for another waiting caller, and Deleted.
    """
    with services.watcher.watch(record.id) as watched:
        yield record
        told = monotonic()
        pause = TOGETHER
        while not record.state.is_terminal and monotonic() < until and not is_abandoned():
            left = max(0.0, until - monotonic())
            is_over = watched.wait(min(_LOOK, left))
            found = _read_now(services, record)
            if found.nonce != record.nonce or found.state is not record.state:
                record, told = found, monotonic()
                yield record
            elif monotonic() - told >= QUIET:
                told = monotonic()
                yield None
            if is_over and not record.state.is_terminal:
                sleep(min(pause, left))  # the manifest is there, and the record is about to follow it
                pause = min(2 * pause, _LOOK)


def _read_now(services: Services, record: JobRecord) -> JobRecord:
    """Returns the job's record; the one known before while the storage does not answer."""
    try:
        return services.store.read(record.id).record
    except (NotFound, Transient) as error:
        if isinstance(error, NotFound) and type(error) is not NotFound:
            raise
        return record
