"""A job in progress: its message, its lease, and its work so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from worker.leases.lease import HeldLease
from worker.runtime.job_trace import JobTrace
from worker.runtime.progress import JobProgress
from worker.stages.pipeline import STAGES
from worker.stages.work import Work


class AckableMessage(Protocol):
    """The part of a Pub/Sub message that the runner uses."""

    @property
    def data(self) -> bytes: ...
    def ack(self) -> None: ...
    def nack(self) -> None: ...


@dataclass(eq=False)
class JobInProgress:
    """A claimed job on its way through the lanes."""

    message: AckableMessage
    lease: HeldLease
    trace: JobTrace
    work: Work
    progress: JobProgress
    reserved_bytes: int = 0
    timings: dict[str, datetime] = field(default_factory=dict[str, datetime])
    has_checkpoints: bool = False

    @classmethod
    def from_lease(cls, message: AckableMessage, lease: HeldLease, trace: JobTrace) -> JobInProgress:
        """Returns a job that was claimed just now, without its input pictures."""
        work = Work.from_record(lease.record)
        return cls(message, lease, trace, work, JobProgress(lease.report, STAGES, work))

    @property
    def owner(self) -> str:
        return self.lease.record.owner

    @property
    def is_low_priority(self) -> bool:
        return self.lease.record.request.priority == "low"
