"""The engine process's own side: it holds the models, and runs the stages of the engine lane."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from functions.contract.errors import OutOfMemory, PlantainError
from functions.contract.proofs import check_provable_size
from functions.contract.telemetry import continue_trace
from functions.contract.telemetry.log import log
from worker.engine_process.device import find_device
from worker.engine_process.messages import EngineReady, JobCheckpoint, JobDone, JobFailed
from worker.engine_process.step_reporter import StepReporter
from worker.engine_process.transfer import receive_object, send_object
from worker.engines.catalogue import Catalogue
from worker.screening.asked_classifier import AskedClassifier
from worker.screening.build_screener import build_screener
from worker.settings import UPSCALER, WorkerSettings
from worker.stages.pipeline import ENGINE_STAGES, Stage, StageError, run_stages
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.verification.build_examiner import build_examiner
from worker.vision.build_vision_tools import build_vision_tools
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key


def run_engine_server(
    connection: Connection,
    settings: WorkerSettings,
    stages: Sequence[Stage[EngineTools]] = ENGINE_STAGES,
) -> None:
    """Loads the models, reports that they are ready, and runs jobs until the parent process is gone."""
    began = time.monotonic()
    _follow_parent()
    server = EngineServer(connection, settings, stages)
    try:
        device = find_device(settings.device)
        server.warm_up()
    except PlantainError as error:
        send_object(connection, JobFailed("load", error))
        return
    send_object(connection, EngineReady(round((time.monotonic() - began) * 1_000), device))
    try:
        while True:
            order = receive_object(connection)
            if isinstance(order, Work):  # a StopJob that came too late is ignored
                server.run(order)
            del order  # frees its pictures: the next job's may need the memory
    except (EOFError, OSError):  # the parent is gone, or has given this process up
        return


def _follow_parent() -> None:
    """Leaves signals to the parent process, and ends this process when the parent dies."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    parent = parent_process()

    def exit_after_parent() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=exit_after_parent, daemon=True, name="follow-parent").start()


class EngineServer:
    """Runs jobs, one at a time, and answers over ``connection``."""

    def __init__(
        self, connection: Connection, settings: WorkerSettings, stages: Sequence[Stage[EngineTools]]
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._stages = stages
        self._catalogue = Catalogue(settings)
        self._examiner = build_examiner(settings)
        self._vision = build_vision_tools(settings)
        self._screener = build_screener(settings)

    @cached_property
    def _marker(self) -> Watermarker:
        """The watermarker, made after the warm-up: only then is it known whether a GPU computes."""
        settings = self._settings
        key, version = watermark_key(settings), settings.watermark_key_version
        return Watermarker(key, version, device=self._catalogue.accelerator())

    def warm_up(self) -> None:
        """Loads the models and draws once with each. Raises ModelUnavailable."""
        for model in self._settings.warm_models or (self._settings.default_model,):
            self._catalogue.engine(model).warm_up()
            self._catalogue.enlargers(model)
        if (
            self._settings.upscaler != UPSCALER
        ):  # a file of the operator's: it must fail now if it cannot load
            self._catalogue.enlargers(None)
        if self._screener.image is not None:
            self._screener.image.warm_up()

    def run(self, work: Work) -> None:
        """Runs one job, and sends JobDone or JobFailed."""
        with continue_trace(work.traceparent):
            send_object(self._connection, self._result_of(work))

    def _result_of(self, work: Work) -> JobDone | JobFailed:
        try:
            self._refuse_hopeless(work)
            done = self._run_stages(work)
        except StageError as error:
            return JobFailed(error.stage, error.error)
        except PlantainError as error:
            return JobFailed(None, error)
        except Exception as error:  # noqa: BLE001 - the one place of this process: it becomes a recorded failure
            log("engine.unforeseen", "ERROR", trace=error, job_id=work.job_id)
            return JobFailed(None, None)
        # The parent has kept the inputs: they need not come back.
        without_inputs = replace(
            done, encoded=None, drawn=None, images=(), mask=None, files=(), ingredients=()
        )
        return JobDone(without_inputs, self._catalogue.peak_bytes())

    def _run_stages(self, work: Work) -> Work:
        reporter = StepReporter(self._connection, work.job_id)
        tools = EngineTools(
            engine=self._catalogue.engine,
            enlargers=self._catalogue.enlargers,
            marker=self._marker,
            on_step=reporter.on_step,
            save_checkpoint=self._checkpoint_sender(),
            examiner=self._examiner,
            vision=self._vision,
            screener=self._screener,
            watermark_proof=self._settings.watermark_proof,
        )
        return run_stages(self._stages, work, tools, reporter.on_stage)

    def _refuse_hopeless(self, work: Work) -> None:
        """Raises UnsupportedSize, OutOfMemory, ScreeningRefused or ScreeningUnavailable before work that must
        fail.
        """
        if work.request.picture_count:
            check_provable_size(work.width, work.height, self._settings.watermark_proof)
        if not work.request.is_drawn or work.resumed_from:
            return
        if isinstance(self._screener.image, AskedClassifier):
            self._screener.image.check_answers()
        engine = self._catalogue.engine(work.model)
        needed, free = engine.estimate_bytes(work.width, work.height, 1), self._catalogue.free_bytes()
        if needed > free:
            raise OutOfMemory(
                f"The model needs about {needed >> 20} MiB more, and {free >> 20} MiB are free."
            )

    def _checkpoint_sender(self) -> Callable[[Work], None]:
        """Returns a function that sends pictures that took long to draw: others are drawn again sooner."""
        began = time.monotonic()

        def send_checkpoint(work: Work) -> None:
            if time.monotonic() - began >= self._settings.checkpoint_after_seconds:
                send_object(
                    self._connection, JobCheckpoint(replace(work, encoded=None, images=(), mask=None))
                )

        return send_checkpoint
