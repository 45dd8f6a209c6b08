"""Builds the runner's dependencies on Google's clients. A test may replace any of them."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from functools import cache

from functions.contract.messaging.publisher import connect_publisher
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import JobStore
from functions.contract.storage.storage_client import storage_client
from worker.credentials.build_sealer import build_ingredient_policy, build_sealer
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import InputLoader
from worker.job_io.results import ResultWriter
from worker.language_models.build_models import build_language_model
from worker.leases.heartbeat import Heartbeat
from worker.leases.lease import LeaseManager
from worker.prompt_intent.intent_by_model import ModelIntentReader
from worker.runtime.dependencies import RunnerDependencies
from worker.runtime.memory_budgets import build_memory_budgets
from worker.screening.build_screener import build_screener
from worker.settings import WorkerSettings
from worker.stage_processes.process_pool import ProcessPool
from worker.stage_processes.stage_process import StageProcess
from worker.stages.pipeline import plan_lanes
from worker.stages.tools import IntakeTools
from worker.verification.job_lookup import JobLookup


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
