"""A job in hand, on its way through the lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from worker.leases.lease import HeldLease
from worker.leases.progress import Progress
from worker.runtime.job_trace import JobTrace
from worker.stages.pipeline import Stage
from worker.stages.work import Work


class AckableMessage(Protocol):
    """What the runner needs of a Pub/Sub message."""

    @property
    def data(self) -> bytes: ...
    def ack(self) -> None: ...
    def nack(self) -> None: ...


@dataclass(eq=False)
class JobInProgress:
    """A job's message, its tenure, and the work as far as it has come."""

    message: AckableMessage
    tenure: HeldLease
    journey: JobTrace
    work: Work
    progress: Progress
    memory: int = 0  # bytes reserved
    timings: dict[str, datetime] = field(default_factory=dict[str, datetime])
    kept: bool = False  # whether there are checkpoints to remove

    @classmethod
    def of(
        cls, message: AckableMessage, tenure: HeldLease, journey: JobTrace, line: Sequence[Stage]
    ) -> JobInProgress:
        """A job that was claimed just now; its pictures are still to be fetched."""
        work = Work.of(tenure.record)
        return cls(message, tenure, journey, work, Progress(tenure.report, line, work))
