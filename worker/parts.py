"""What the runner works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.contract.ending import Endings
from functions.contract.memory import MemoryBudget
from worker.checkpoints import Checkpoints
from worker.credentials.sealer import Sealer
from worker.engine_process import EngineProcess
from worker.heart import Heart
from worker.inputs import Inputs
from worker.results import Results
from worker.stages.line import LINE, Stage
from worker.stages.work import IntakeTools
from worker.tenure import Claimant
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
