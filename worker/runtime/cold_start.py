"""The worker's whole start, from the parts of its processes."""

from __future__ import annotations

from functions.contract.worker_facts import ColdStartFacts
from worker.cold_start.start_parts import StartPart
from worker.stage_processes.stage_process import StageProcess


def sum_up_start(before: dict[StartPart, int], engine: StageProcess, age_ms: int) -> ColdStartFacts:
    """Returns the parts of a start of ``age_ms``: those ``before`` the processes, and the engine's."""
    parts = before | engine.start_parts
    rest = max(0, age_ms - sum(parts.values()))
    return ColdStartFacts(**{f"{part}_ms": took for part, took in parts.items()}, connect_ms=rest)
