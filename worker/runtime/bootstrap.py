"""The worker's only wiring: every dependency is made and joined here, and a test may replace any of them."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from functions.contract.messaging.publisher import connect_publisher
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import JobStore
from functions.contract.storage.storage_client import storage_client
from functions.contract.telemetry import flush_telemetry, start_telemetry
from functions.contract.telemetry.log import log
from worker.credentials.build_sealer import build_ingredient_policy, build_sealer
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import InputLoader
from worker.job_io.results import ResultWriter
from worker.language_models.build_models import build_language_model
from worker.leases.heartbeat import Heartbeat
from worker.leases.lease import LeaseManager
from worker.prompt_intent.intent_by_model import ModelIntentReader
from worker.runtime.dependencies import RunnerDependencies
from worker.runtime.health import Health
from worker.runtime.job_source import JobSource
from worker.runtime.memory_budgets import build_memory_budgets
from worker.runtime.priority import LOW_PRIORITY_SLOTS
from worker.runtime.runner import Runner
from worker.runtime.subscriber import PullSubscriber, PullSubscribers
from worker.screening.build_screener import build_screener
from worker.settings import WorkerSettings
from worker.stage_processes.driver_libraries import driver_version, prefer_compatible_libraries
from worker.stage_processes.engine_server import run_engine_server
from worker.stage_processes.marking_server import run_marking_server
from worker.stage_processes.process_pool import ProcessPool, count_marking_processes
from worker.stage_processes.stage_process import ProcessTarget, StageProcess
from worker.stages.pipeline import plan_lanes
from worker.stages.tools import IntakeTools
from worker.verification import JobLookup
from worker.watermark.watermark_keys import known_watermark_keys, watermark_key

_LOW_MESSAGES = 2 * LOW_PRIORITY_SLOTS  # those on their way to the engine, and as many being finished


def build_dependencies(
    settings: WorkerSettings, engine: StageProcess, marking: ProcessPool
) -> RunnerDependencies:
    """Returns the runner's dependencies, on Google's clients, with processes that have been started."""
    client = storage_client(settings)

    @cache
    def bucket(name: str) -> Bucket:
        return Bucket(client, name)

    store = JobStore(bucket(settings.jobs_bucket))
    committer = JobCommitter(store, bucket(settings.results_bucket))
    jobs, decoders = build_memory_budgets(settings.memory_bytes)
    return RunnerDependencies(
        leases=LeaseManager(store, _holder_name(), settings.lease_seconds, settings.max_attempts),
        committer=committer,
        inputs=InputLoader(bucket, build_ingredient_policy(settings), decoders),
        checkpoints=Checkpoints(store.bucket),
        results=ResultWriter(committer, store.bucket),
        job_lookup=JobLookup(committer),
        engine=engine,
        marking=marking,
        heartbeat=Heartbeat(),
        memory=jobs,
        sealer=build_sealer(settings),
        dead_letter=_build_dead_letter(settings),
        intake=_build_intake_tools(settings),
        lanes=plan_lanes(settings.image_classifier),
    )


def _build_intake_tools(settings: WorkerSettings) -> IntakeTools:
    model = build_language_model(settings)
    reader = ModelIntentReader(model) if model else None
    return IntakeTools(reader, settings.plain_models, build_screener(settings), settings.critic_models)


def _holder_name() -> str:
    """Returns the machine, the process, and a random word: process numbers are used again."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def _build_dead_letter(settings: WorkerSettings) -> Callable[[bytes, str], None]:
    publish = connect_publisher(settings)

    def send(data: bytes, reason: str) -> None:
        publish(settings.dead_letter_topic, data, reason=reason[:1_000])

    return send


def _build_subscriber(settings: WorkerSettings, runner: Runner, _: RunnerDependencies) -> JobSource:
    normal = PullSubscriber(settings, runner.accept, settings.worker_subscription, settings.jobs_in_flight)
    if settings.low_subscription is None:
        return normal
    low = PullSubscriber(settings, runner.accept_low, settings.low_subscription, _LOW_MESSAGES)
    return PullSubscribers((normal, low))


def run_worker(
    settings: WorkerSettings,
    build: Callable[[WorkerSettings, StageProcess, ProcessPool], RunnerDependencies] = build_dependencies,
    engine_target: ProcessTarget = run_engine_server,
    marking_target: ProcessTarget = run_marking_server,
    build_source: Callable[[WorkerSettings, Runner, RunnerDependencies], JobSource] = _build_subscriber,
    health: Health | None = None,
) -> None:
    """Runs the worker until SIGTERM or SIGINT. Raises the error if its source of jobs ends by itself."""
    over = threading.Event()
    health = health or Health()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: over.set())  # pyright: ignore[reportUnknownLambdaType]
    # Threads that wait by spinning nearly stop each other when the machine is busy: docs/traps.md.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    prefer_compatible_libraries(os.environ, driver_version())  # before the engine's process, which loads them
    start_telemetry("plantain-worker", settings.project, to_google=settings.google_traces)
    _say_unready(settings.ready_file)  # a restarted container may find its old file
    watermark_key(settings)  # a wrong setting fails here, not in the engine's process or at the first picture
    known_watermark_keys(settings)
    build_sealer(settings)
    build_screener(settings)
    with ExitStack() as processes:
        engine = StageProcess("engine", settings, engine_target, on_broken=over.set)
        marking = ProcessPool(
            [
                StageProcess("marking", settings, marking_target, on_broken=over.set)
                for _ in range(count_marking_processes(os.cpu_count() or 1))
            ]
        )
        for process in (marking, engine):
            processes.callback(process.stop)
            process.launch()
        for process in (marking, engine):
            process.wait_until_warm()
        if not over.is_set():  # else a signal came while the models were loading
            _run_until_over(settings, build(settings, engine, marking), build_source, health, over)


def _run_until_over(
    settings: WorkerSettings,
    dependencies: RunnerDependencies,
    build_source: Callable[[WorkerSettings, Runner, RunnerDependencies], JobSource],
    health: Health,
    over: threading.Event,
) -> None:
    runner = Runner(dependencies)
    source = build_source(settings, runner, dependencies)
    runner.start()
    source.start(on_end=over.set)
    health.watch(runner.fault)
    health.is_ready = True
    _say_ready(settings.ready_file, dependencies.engine)
    over.wait()
    health.is_ready = False
    _say_unready(settings.ready_file)
    log("worker.stopping")
    runner.drain(settings.grace_seconds)
    source.stop()  # after the drain: until then it keeps the messages of the jobs in progress
    log("worker.stopped")
    flush_telemetry()


def _say_ready(file: Path | None, engine: StageProcess) -> None:
    device = engine.device.model_dump() if engine.device else None
    log("worker.ready", cold_start_ms=engine.cold_start_ms, device=device)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(engine.cold_start_ms))


def _say_unready(file: Path | None) -> None:
    if file is not None:
        file.unlink(missing_ok=True)
