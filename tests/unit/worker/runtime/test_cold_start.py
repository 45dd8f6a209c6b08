"""What a worker says of its start."""

from __future__ import annotations

from functions.contract.telemetry.metrics import COLD_START_PARTS
from functions.contract.worker_facts import ColdStartFacts
from local.stack.environment import DEFAULTS
from worker.runtime.cold_start import sum_up_start
from worker.settings import WorkerSettings
from worker.stage_processes.stage_process import StageProcess
from worker.stage_processes.targets import serve_marking


def test_the_parts_add_up_to_the_whole() -> None:
    engine = StageProcess("engine", WorkerSettings.from_environment(DEFAULTS), serve_marking)
    engine.start_parts = {"imports": 4_000, "load": 2_000, "warm_up": 1_000}
    found = sum_up_start({"process": 300, "settings": 200}, engine, 8_000)
    assert found == ColdStartFacts(
        process_ms=300, settings_ms=200, imports_ms=4_000, load_ms=2_000, warm_up_ms=1_000, connect_ms=500
    )
    assert found.total_ms == 8_000


def test_every_part_is_a_metric() -> None:
    assert {f"{part}_ms" for part in COLD_START_PARTS} == set(ColdStartFacts.model_fields)
