"""The runner's dependencies. ``bootstrap`` makes them; a test may replace any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.storage.job_commit import JobCommitter
from worker.credentials.sealer import Sealer
from worker.engine_process.parent import EngineClient
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import InputLoader
from worker.job_io.results import ResultWriter
from worker.leases.heartbeat import Heartbeat
from worker.leases.lease import LeaseManager
from worker.stages.pipeline import FINISH_STAGES, INTAKE_STAGES, Stage
from worker.stages.tools import IntakeTools
from worker.verification import JobLookup


@dataclass(frozen=True)
class RunnerDependencies:
    leases: LeaseManager
    committer: JobCommitter
    inputs: InputLoader
    checkpoints: Checkpoints
    results: ResultWriter
    job_lookup: JobLookup
    engine: EngineClient
    heartbeat: Heartbeat
    memory: MemoryBudget
    sealer: Sealer | None  # None: pictures leave without content credentials
    dead_letter: Callable[[bytes, str], None]  # takes a message's data, and why it cannot be understood
    intake: IntakeTools = field(default_factory=IntakeTools)
    intake_stages: Sequence[Stage[IntakeTools]] = INTAKE_STAGES
    finish_stages: Sequence[Stage[Sealer | None]] = FINISH_STAGES
