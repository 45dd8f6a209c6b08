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
from ..contract import ids, paths
from ..contract.document import now
from ..contract.errors import UNREADABLE, NotFound, Overtaken, PlantainError
from ..contract.storage.bucket import ObjectInfo
from ..contract.telemetry.log import log
from ..lifecycle.retention import remove_expired
from ..notifications.open_marker import DUE, NOTIFIED, is_waiting
from ..services import Services
from ..tracing import traced_sweep
from .sweep_job import advance_job

BUDGET_SECONDS = 50.0  # a minute passes from one run to the next
_FOR_BATCHES = 5.0  # seconds beyond the budget: there are few, and each takes a look or two
_HANDS = 8
_COUNTED = 1_000  # quarantined documents, at the most: one page of a listing
_BATCH = 64


_REPORTED = "reported"  # on a marker: the code of the error that was reported


@dataclass
class SweepReport:
    """The work of one run: how often each thing was done, and whether time was too short for some markers."""

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
    start = paths.open_marker(ids.new_job_id())
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
    done = _isolated(services, marker, lambda: advance_job(services, job_id, marker), note)
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
