"""The runner's dependencies. ``bootstrap`` makes them; a test may replace any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.worker_facts import ColdStartFacts
from worker.credentials.sealer import Sealer
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import InputLoader
from worker.job_io.results import ResultWriter
from worker.leases.heartbeat import Heartbeat
from worker.leases.lease import LeaseManager
from worker.stage_processes.process_pool import ProcessPool
from worker.stage_processes.stage_process import StageProcess
from worker.stages.pipeline import Lanes, plan_lanes
from worker.stages.tools import IntakeTools
from worker.verification.job_lookup import JobLookup


@dataclass(frozen=True)
class RunnerDependencies:
    leases: LeaseManager
    committer: JobCommitter
    inputs: InputLoader
    checkpoints: Checkpoints
    results: ResultWriter
    job_lookup: JobLookup
    engine: StageProcess
    marking: ProcessPool
    heartbeat: Heartbeat
    memory: MemoryBudget
    sealer: Sealer | None  # None: pictures leave without content credentials
    dead_letter: Callable[[bytes, str], None]  # takes a message's data, and why it cannot be understood
    intake: IntakeTools = field(default_factory=IntakeTools)
    lanes: Lanes = field(default_factory=plan_lanes)
    cold_start: ColdStartFacts | None = None  # for the first job's manifest; None: it says nothing of it
