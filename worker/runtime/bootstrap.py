"""The worker's start and end: its processes, its dependencies, its source of jobs.

The processes are launched before the parent imports what it needs itself: their start takes longest.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from functions.contract.paused_collection import paused_collection
from functions.contract.telemetry import flush_telemetry, start_telemetry
from functions.contract.telemetry.log import log
from functions.contract.worker_facts import ColdStartFacts
from worker.cold_start.start_parts import StartParts
from worker.credentials.build_sealer import build_sealer
from worker.runtime.cold_start import sum_up_start
from worker.runtime.health import Health
from worker.screening.build_screener import build_screener
from worker.settings import WorkerSettings
from worker.stage_processes.driver_libraries import driver_version, prefer_compatible_libraries
from worker.stage_processes.process_pool import ProcessPool, count_marking_processes
from worker.stage_processes.stage_process import ProcessTarget, StageProcess
from worker.stage_processes.targets import serve_engine, serve_marking
from worker.watermark.watermark_keys import known_watermark_keys, watermark_key

if TYPE_CHECKING:
    from worker.runtime.dependencies import RunnerDependencies
    from worker.runtime.fetch_ahead import FetchAhead
    from worker.runtime.job_source import JobSource
    from worker.runtime.runner import Runner

_PROCESS_VARIABLES = {
    # Threads that wait by spinning nearly stop each other when the machine is busy: docs/traps.md.
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    # Freed memory of this many bytes stays with the process. Otherwise each large array of a network is new
    # pages, which takes a sixth of an enlargement's time on a CPU. man 3 mallopt; the first is its maximum.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
}


def build_dependencies(
    settings: WorkerSettings, engine: StageProcess, marking: ProcessPool
) -> RunnerDependencies:
    """Returns the runner's dependencies, on Google's clients, with processes that have been launched."""
    from worker.runtime.build_dependencies import build_dependencies

    return build_dependencies(settings, engine, marking)


def build_subscribers(
    settings: WorkerSettings, runner: Runner, dependencies: RunnerDependencies
) -> JobSource:
    """Returns the streams of the worker's subscriptions."""
    from worker.runtime.subscriber import build_subscribers

    return build_subscribers(settings, runner, dependencies.engine.pass_limits)


def run_worker(
    settings: WorkerSettings,
    build: Callable[[WorkerSettings, StageProcess, ProcessPool], RunnerDependencies] = build_dependencies,
    engine_target: ProcessTarget = serve_engine,
    marking_target: ProcessTarget = serve_marking,
    build_source: Callable[[WorkerSettings, Runner, RunnerDependencies], JobSource] = build_subscribers,
    health: Health | None = None,
    start: StartParts | None = None,
) -> None:
    """Runs the worker until SIGTERM or SIGINT. Raises the error if its source of jobs ends by itself.

    ``start`` has measured the start until now.
    """
    start, over = start or StartParts("process"), threading.Event()
    health = health or Health()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: over.set())  # pyright: ignore[reportUnknownLambdaType]
    with start.measure("settings"):
        _prepare(settings)
    with ExitStack() as processes:
        engine = StageProcess("engine", settings, engine_target, on_broken=over.set)
        marking = ProcessPool(
            [
                StageProcess("marking", settings, marking_target, on_broken=over.set)
                for _ in range(count_marking_processes(os.cpu_count() or 1))
            ]
        )
        for process in (engine, marking):
            processes.callback(process.stop)
            process.launch()
        processes.callback(_fetch_ahead(settings).stop)
        before = start.milliseconds()
        _import_meanwhile()
        for process in (marking, engine):
            process.wait_until_warm()
        if not over.is_set():  # else a signal came while the models were loading
            dependencies = build(settings, engine, marking)
            cold_start = sum_up_start(before, engine, sum(start.milliseconds().values()))
            _run_until_over(
                settings, replace(dependencies, cold_start=cold_start), build_source, health, over
            )


def _prepare(settings: WorkerSettings) -> None:
    """Raises the error of a wrong setting: here, not in the engine's process or at the first picture."""
    set_process_variables(os.environ)
    prefer_compatible_libraries(os.environ, driver_version())  # before the engine's process, which loads them
    start_telemetry("plantain-worker", settings.project, to_google=settings.google_traces)
    _say_unready(settings.ready_file)  # a restarted container may find its old file
    watermark_key(settings)
    known_watermark_keys(settings)
    build_sealer(settings)
    build_screener(settings)


def set_process_variables(environment: MutableMapping[str, str]) -> None:
    """Sets what the libraries of the stages' processes read as they start, unless it is set already."""
    for name, value in _PROCESS_VARIABLES.items():
        environment.setdefault(name, value)


def _import_meanwhile() -> None:
    """Imports what the parent itself needs while the other processes load."""
    with paused_collection():
        for module in ("build_dependencies", "runner", "subscriber"):
            import_module(f"worker.runtime.{module}")


def _fetch_ahead(settings: WorkerSettings) -> FetchAhead:
    from worker.runtime.fetch_ahead import FetchAhead

    fetch = FetchAhead(settings)
    fetch.start()
    return fetch


def _run_until_over(
    settings: WorkerSettings,
    dependencies: RunnerDependencies,
    build_source: Callable[[WorkerSettings, Runner, RunnerDependencies], JobSource],
    health: Health,
    over: threading.Event,
) -> None:
    from worker.runtime.runner import Runner

    runner = Runner(dependencies)
    source = build_source(settings, runner, dependencies)
    runner.start()
    source.start(on_end=over.set)
    health.watch(runner.fault)
    health.is_ready = True
    _say_ready(settings.ready_file, dependencies)
    over.wait()
    health.is_ready = False
    _say_unready(settings.ready_file)
    log("worker.stopping")
    runner.drain(settings.grace_seconds)
    source.stop()  # after the drain: until then it keeps the messages of the jobs in progress
    log("worker.stopped")
    flush_telemetry()


def _say_ready(file: Path | None, dependencies: RunnerDependencies) -> None:
    device, cold_start = dependencies.engine.device, dependencies.cold_start or ColdStartFacts()
    log(
        "worker.ready",
        cold_start_ms=cold_start.total_ms,
        **cold_start.model_dump(),
        device=device.model_dump() if device else None,
    )
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(cold_start.total_ms))


def _say_unready(file: Path | None) -> None:
    if file is not None:
        file.unlink(missing_ok=True)
