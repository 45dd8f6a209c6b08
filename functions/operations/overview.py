"""What happens in a deployment now, from one listing of the markers of open jobs.

The records of at most ``LOOKED_AT`` open jobs are read, sixteen at a time: with more of them the counts are
those of the markers, and the lists a sample. One overview takes at most two listings and ``LOOKED_AT`` +
``DELIVERIES`` reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..contract import paths
from ..contract.errors import UNREADABLE, NotFound
from ..contract.job import JobRecord
from ..contract.states import State
from ..contract.storage.bucket import ObjectInfo
from ..intake.queue_position import marker_queue
from ..notifications.deliveries import WebhookDelivery, read_delivery
from ..notifications.failure_notes import FailureNote, list_failures
from ..notifications.open_marker import DUE, NOTIFIED
from ..services import Services

LISTED = 1_000  # markers: one page of a listing
LOOKED_AT = 200  # records
DELIVERIES = 50
FAILURES = 50


@dataclass(frozen=True)
class QueueState:
    """The jobs of one lane and priority that have not ended."""

    lane: str
    priority: str
    open: int
    oldest: datetime


@dataclass(frozen=True)
class WorkerState:
    """A worker that holds jobs, by the name that its leases have."""

    name: str
    jobs: int


@dataclass(frozen=True)
class Overview:
    """What happens now. ``is_complete`` is False where there is more than was looked at."""

    queues: tuple[QueueState, ...]
    running: tuple[JobRecord, ...]
    workers: tuple[WorkerState, ...]
    deliveries: tuple[WebhookDelivery, ...]
    failures: tuple[FailureNote, ...]
    set_aside: int
    is_complete: bool


def read_overview(services: Services) -> Overview:
    """Returns what happens now. Raises Transient."""
    markers = list(services.jobs.list(paths.OPEN, limit=LISTED))
    ending = [marker for marker in markers if NOTIFIED in marker.metadata]
    unfinished = [marker for marker in markers if NOTIFIED not in marker.metadata]
    running = [
        record for record in _read_records(services, unfinished[:LOOKED_AT]) if record.state is State.RUNNING
    ]
    late = [marker for marker in ending if DUE in marker.metadata]
    return Overview(
        queues=_count_queues(unfinished),
        running=tuple(sorted(running, key=lambda record: record.created)),
        workers=_count_workers(running),
        deliveries=_read_deliveries(services, late[:DELIVERIES]),
        failures=tuple(list_failures(services, FAILURES)),
        set_aside=sum(1 for _ in services.jobs.list(paths.SET_ASIDE, limit=LISTED)),
        is_complete=len(markers) < LISTED and len(unfinished) <= LOOKED_AT and len(late) <= DELIVERIES,
    )


def _count_queues(markers: Sequence[ObjectInfo]) -> tuple[QueueState, ...]:
    oldest: dict[tuple[str, str], datetime] = {}
    count: Counter[tuple[str, str]] = Counter()
    for marker in markers:
        queue = marker_queue(marker)
        count[queue] += 1
        oldest[queue] = min(marker.created, oldest.get(queue, marker.created))
    return tuple(QueueState(*queue, count[queue], oldest[queue]) for queue in sorted(count))


def _count_workers(running: Sequence[JobRecord]) -> tuple[WorkerState, ...]:
    jobs = Counter(record.lease.holder for record in running if record.lease)
    return tuple(WorkerState(name, number) for name, number in sorted(jobs.items()))


def _read_records(services: Services, markers: Sequence[ObjectInfo]) -> list[JobRecord]:
    def read_record(marker: ObjectInfo) -> JobRecord | None:
        try:
            return services.store.read(marker.name.removeprefix(paths.OPEN)).record
        except (NotFound, *UNREADABLE):
            return None

    return [record for record in services.pool.map(read_record, markers) if record is not None]


def _read_deliveries(services: Services, markers: Sequence[ObjectInfo]) -> tuple[WebhookDelivery, ...]:
    def read_one(marker: ObjectInfo) -> WebhookDelivery | None:
        try:
            return read_delivery(services, marker.name.removeprefix(paths.OPEN)).record
        except (NotFound, *UNREADABLE):
            return None

    return tuple(each for each in services.pool.map(read_one, markers) if each is not None)
