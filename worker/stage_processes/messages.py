"""The messages between the parent process and a process that runs stages.

The parent sends ``RunJobs`` and ``StopJob``. The other sends ``ProcessReady`` once, and then for each job any
number of ``StageReport`` and ``JobCheckpoint``, and at last ``JobDone`` or ``JobFailed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.contract.errors import PlantainError
from functions.contract.worker_facts import DeviceFacts
from worker.cold_start.start_parts import StartPart
from worker.engines.pass_limits import PassLimits
from worker.stages.work import Work


@dataclass(frozen=True)
class RunJobs:
    """The jobs to run. Several are those that may share the model's passes."""

    works: tuple[Work, ...]


@dataclass(frozen=True)
class ProcessReady:
    """The process is warm: its models are loaded. ``device`` is None where it has none.

    ``parts`` are the milliseconds since the operating system started it. ``pass_limits``: how many pictures
    may share a pass, by the names of the models that were profiled.
    """

    parts: dict[StartPart, int]
    device: DeviceFacts | None
    pass_limits: Mapping[str, PassLimits] = field(default_factory=dict[str, PassLimits])


@dataclass(frozen=True)
class StageReport:
    """The job's progress. A field that is None has not changed; ``preview`` is a data: URL."""

    job_id: str
    stage: str | None = None
    step: int | None = None
    steps: int | None = None
    preview: str | None = None


@dataclass(frozen=True)
class JobCheckpoint:
    """The job with its drawn pictures, to be stored."""

    work: Work

    @property
    def job_id(self) -> str:
        return self.work.job_id


@dataclass(frozen=True)
class JobDone:
    """The job after the lane's stages, without its pictures to change and their files.

    ``memory_bytes`` is the most that the job took of the GPU's memory; None on a CPU.
    """

    work: Work
    memory_bytes: int | None = None

    @property
    def job_id(self) -> str:
        return self.work.job_id


@dataclass(frozen=True)
class JobFailed:
    """The error that ended the job or the start, and the stage that raised it.

    ``error`` is None for an error outside the contract's tree; the process has logged it. ``job_id`` is None
    for the start.
    """

    job_id: str | None
    stage: str | None
    error: PlantainError | None


@dataclass(frozen=True)
class StopJob:
    """The order to leave a job between two steps, for the reason ``error``."""

    job_id: str
    error: PlantainError


JobMessage = StageReport | JobCheckpoint | JobDone | JobFailed
"""What a process says of a job."""
