"""What the runner works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.storage.commit import Endings
from worker.credentials.sealer import Sealer
from worker.engine_process.parent import EngineProcess
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import Inputs
from worker.job_io.results import Results
from worker.leases.heartbeat import Heart
from worker.leases.lease import Claimant
from worker.stages.pipeline import LINE, Stage
from worker.stages.work import IntakeTools
from worker.verification import Ledger


@dataclass(frozen=True)
class Parts:
    """bootstrap puts it together."""

    claimant: Claimant
    endings: Endings
    inputs: Inputs
    checkpoints: Checkpoints
    results: Results
    ledger: Ledger
    engine: EngineProcess
    heart: Heart
    memory: MemoryBudget
    sealer: Sealer | None  # None: the settings let pictures leave without content credentials
    dead_letter: Callable[[bytes, str], None]  # the message's data, and why it cannot be understood
    line: Sequence[Stage] = LINE
    intake: IntakeTools = field(default_factory=IntakeTools)
