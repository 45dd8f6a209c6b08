"""What the runner works with."""

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
from worker.stages.pipeline import STAGES, Stage
from worker.stages.work import IntakeTools
from worker.verification import Ledger


@dataclass(frozen=True)
class RunnerDependencies:
    """bootstrap puts it together."""

    claimant: LeaseManager
    committer: JobCommitter
    inputs: InputLoader
    checkpoints: Checkpoints
    results: ResultWriter
    ledger: Ledger
    engine: EngineClient
    heart: Heartbeat
    memory: MemoryBudget
    sealer: Sealer | None  # None: the settings let pictures leave without content credentials
    dead_letter: Callable[[bytes, str], None]  # the message's data, and why it cannot be understood
    line: Sequence[Stage] = STAGES
    intake: IntakeTools = field(default_factory=IntakeTools)
