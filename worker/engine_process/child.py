"""The engine process's own side: it holds the models, and runs the stages of the engine lane."""

from __future__ import annotations

import base64
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import parent_process
from multiprocessing.connection import Connection

import cv2
import numpy as np

from functions.contract.errors import OutOfMemory, PlantainError
from functions.contract.manifest import DeviceFacts
from functions.contract.telemetry import continue_trace
from functions.contract.telemetry.log import log
from worker.engine_process.device import find_device
from worker.engine_process.transfer import receive_object, send_object
from worker.engines.catalogue import Catalogue
from worker.screening.asked_classifier import AskedClassifier
from worker.screening.build_screener import configured_screener
from worker.settings import UPSCALER, WorkerSettings
from worker.stages.pipeline import STAGES, Stage, StageError, run_stages
from worker.stages.work import EngineTools, Work
from worker.verification.build_examiner import configured_examiner
from worker.vision.build_vision_tools import build_vision_tools
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key

_PREVIEW_EVERY = 1.0  # seconds
_REPORT_EVERY = 0.2


@dataclass(frozen=True)
class Ready:
    """The models are loaded and warm."""

    cold_start_ms: int
    device: DeviceFacts


@dataclass(frozen=True)
class Report:
    """Where the work stands; ``None`` leaves what was said before."""

    stage: str | None = None
    step: int | None = None
    steps: int | None = None
    preview: str | None = None


@dataclass(frozen=True)
class Kept:
    """The drawn pictures, to be kept as a checkpoint."""

    work: Work


@dataclass(frozen=True)
class Done:
    """``work`` is without its inputs; ``memory_bytes`` is the most that the job took of the GPU's memory.

    It is None on a CPU.
    """

    work: Work
    memory_bytes: int | None = None


@dataclass(frozen=True)
class Failed:
    """``stage`` is where; ``error`` is one of the tree's, or None for what nobody foresaw."""

    stage: str | None
    error: PlantainError | None


@dataclass(frozen=True)
class Stop:
    """From the parent: leave the job between two steps, for this reason."""

    job_id: str
    error: PlantainError


Answer = Ready | Report | Kept | Done | Failed


def serve(connection: Connection, settings: WorkerSettings, line: Sequence[Stage] = STAGES) -> None:
    """The process's whole life: load, say ready, then one job after the other until the parent is gone."""
    began = time.monotonic()
    _live_and_die_with_the_parent()
    room = EngineServer(connection, settings, line)
    try:
        device = find_device(settings.device)
        room.warm_up()
    except PlantainError as error:
        send_object(connection, Failed("load", error))
        return
    send_object(connection, Ready(round((time.monotonic() - began) * 1_000), device))
    try:
        while True:
            order = receive_object(connection)
            if isinstance(order, Work):  # a Stop that came too late is of no more use
                room.run(order)
            del order  # its pictures: the next job's may need the room
    except (EOFError, OSError):  # the parent is gone, or has given this process up
        return


def _live_and_die_with_the_parent() -> None:
    """Signals are the parent's to handle; its death, by whatever cause, ends this process."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=follow, daemon=True, name="follow-parent").start()


class EngineServer:
    def __init__(self, connection: Connection, settings: WorkerSettings, line: Sequence[Stage]) -> None:
        self._connection = connection
        self._settings = settings
        self._line = line
        self._catalogue = Catalogue(settings)
        self._examiner = configured_examiner(settings)
        self._vision_tools = build_vision_tools(settings)
        self._screener = configured_screener(settings)

    @cached_property
    def _marker(self) -> Watermarker:
        """First asked for after the warm-up, when it is known whether a device computes."""
        settings = self._settings
        key, version = watermark_key(settings), settings.watermark_key_version
        return Watermarker(key, version, device=self._catalogue.accelerator())

    def warm_up(self) -> None:
        for model in self._settings.warm_models or (self._settings.default_model,):
            self._catalogue.engine(model).warm_up()
            self._catalogue.enlarger(model)
        if self._settings.upscaler != UPSCALER:  # somebody's own: whether it fits is to be known now
            self._catalogue.enlarger(None)
        if self._screener.image is not None:
            self._screener.image.warm_up()

    def run(self, work: Work) -> None:
        with continue_trace(work.traceparent):
            self._run(work)

    def _run(self, work: Work) -> None:
        try:
            self._admit(work)
            done = self._stages(work)
        except StageError as error:
            answer: Answer = Failed(error.stage, error.error)
        except PlantainError as error:
            answer = Failed(None, error)
        except Exception as error:  # noqa: BLE001 - the one place of this process: it becomes a recorded failure
            log("engine.unforeseen", "ERROR", trace=error, job_id=work.job_id)
            answer = Failed(None, None)
        else:
            answer = Done(_without_inputs(done), self._catalogue.peak_bytes())
        send_object(self._connection, answer)

    def _stages(self, work: Work) -> Work:
        steps = _Steps(self._connection, work)
        tools = EngineTools(
            self._catalogue.engine,
            self._catalogue.enlarger,
            self._marker,
            steps.on_step,
            self._keeper(),
            self._examiner,
            self._vision_tools,
            self._screener,
            self._settings.watermark_proof,
        )
        return run_stages("engine", work, steps.on_stage, self._line, tools)

    def _admit(self, work: Work) -> None:
        """Raises OutOfMemory, ScreeningRefused or ScreeningUnavailable before anything is drawn in vain."""
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

    def _keeper(self) -> Callable[[Work], None]:
        """Keeps what took long to draw: a cheap drawing is sooner drawn again than stored."""
        began = time.monotonic()

        def keep(work: Work) -> None:
            if time.monotonic() - began >= self._settings.checkpoint_after_seconds:
                send_object(self._connection, Kept(replace(work, encoded=None, images=(), mask=None)))

        return keep


def _without_inputs(work: Work) -> Work:
    """The work without what the parent has kept of it: that need not come back."""
    return replace(work, encoded=None, images=(), mask=None, files=(), ingredients=())


class _Steps:
    """Reports steps to the parent, not too often, and hears it when it wants the job stopped."""

    def __init__(self, connection: Connection, work: Work) -> None:
        self._connection = connection
        self._work = work
        self._reported = self._previewed = time.monotonic()

    def on_stage(self, name: str) -> None:
        self._listen()
        send_object(self._connection, Report(stage=name))

    def on_step(self, step: int, steps: int, preview: Callable[[], np.ndarray] | None) -> None:
        self._listen()
        at = time.monotonic()
        if at - self._reported < _REPORT_EVERY and step < steps:
            return
        self._reported = at
        shown = None
        if preview is not None and at - self._previewed >= _PREVIEW_EVERY:
            self._previewed, shown = at, data_url(preview())
        send_object(self._connection, Report(step=step, steps=steps, preview=shown))

    def _listen(self) -> None:
        while self._connection.poll():
            order = receive_object(self._connection)
            if isinstance(order, Stop) and order.job_id == self._work.job_id:
                raise order.error


def data_url(rgb: np.ndarray) -> str:
    """A small JPEG of float32 (H, W, 3) in 0–1, as a data: URL."""
    bgr = np.clip(rgb[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, 70])
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
