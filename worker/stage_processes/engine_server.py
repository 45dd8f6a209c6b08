"""The engine process's own side: it holds the models, and runs the stages of the engine lane."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from functions.contract.errors import OutOfMemory
from functions.contract.proofs import check_provable_size
from functions.contract.telemetry.log import log
from worker.engines.catalogue import Catalogue
from worker.engines.pass_limits import PassLimits
from worker.engines.protocol import Engine
from worker.engines.shared_pass import PassEngine
from worker.lettering.ocr_reader import build_reader
from worker.screening.asked_classifier import AskedClassifier
from worker.screening.build_screener import build_screener
from worker.settings import UPSCALER, WorkerSettings
from worker.stage_processes.device import find_device
from worker.stage_processes.messages import JobCheckpoint
from worker.stage_processes.shared_run import SharedRun
from worker.stage_processes.stage_server import StageServer, serve_stages
from worker.stage_processes.step_reporter import StepReporter, StopOrders
from worker.stage_processes.transfer import send_object
from worker.stages.pipeline import Stage, plan_lanes, run_stages
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.vision.build_vision_tools import build_vision_tools
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key

if TYPE_CHECKING:
    from worker.cold_start.compile_cache import CompileCache


def run_engine_server(
    connection: Connection, settings: WorkerSettings, stages: Sequence[Stage[EngineTools]] | None = None
) -> None:
    """Serves the lane ``engine``; ``stages`` replaces its stages."""
    serve_stages(connection, lambda: EngineServer(connection, settings, stages))


class EngineServer(StageServer):
    """Holds the models, and runs the stages of the lane ``engine``."""

    lane = "engine"

    def __init__(
        self,
        connection: Connection,
        settings: WorkerSettings,
        stages: Sequence[Stage[EngineTools]] | None = None,
    ) -> None:
        super().__init__(connection)
        self._settings = settings
        self._stages = plan_lanes(settings.image_classifier).engine if stages is None else stages
        self._catalogue = Catalogue(settings, self.start)
        self._vision = build_vision_tools(settings)
        self._reader = build_reader()
        self._screener = build_screener(settings)
        self._compiled: list[CompileCache] = []

    @cached_property
    def _marker(self) -> Watermarker:
        """The watermarker, made after the warm-up: only then is it known whether a GPU computes."""
        settings = self._settings
        key, version = watermark_key(settings), settings.watermark_key_version
        return Watermarker(key, version, device=self._catalogue.accelerator())

    def warm_up(self) -> None:
        """Loads the models and draws once with each. Raises ModelUnavailable."""
        self.device = find_device(self._settings.device)
        for model in self._settings.warm_models or (self._settings.default_model,):
            engine = self._catalogue.engine(model)
            with self.start.measure("compile"):
                self._restore_compiled(engine)
            engine.warm_up()
            self._catalogue.enlargers(model)
        if (
            self._settings.upscaler != UPSCALER
        ):  # a file of the operator's: it must fail now if it cannot load
            self._catalogue.enlargers(None)
        if self._screener.image is not None:
            self._screener.image.warm_up()
        self.pass_limits = self._profile_passes()

    def _profile_passes(self) -> dict[str, PassLimits]:
        """Returns how many pictures gain from one pass, for the warm models that can share them."""
        models = self._settings.warm_models or (self._settings.default_model,)
        found: dict[str, PassLimits] = {}
        for model in models:
            engine = self._catalogue.engine(model)
            if isinstance(engine, PassEngine):
                found[model] = engine.profile_passes(self._settings.max_batch)
                log("engine.pass_limits", model=model, points=[asdict(each) for each in found[model].points])
        return found

    def run(self, works: Sequence[Work]) -> None:
        if len(works) == 1:
            super().run(works)
        else:
            orders = StopOrders(self._connection)
            reporters = [StepReporter(self._connection, work.job_id, orders) for work in works]
            SharedRun(self, self._stages, works, reporters).run()

    def run_stages(self, work: Work, reporter: StepReporter) -> Work:
        self.refuse_hopeless(work)
        return run_stages(self._stages, work, self.tools(reporter), reporter.on_stage)

    def tools(self, reporter: StepReporter) -> EngineTools:
        """Returns the tools for one job."""
        return EngineTools(
            engine=self._catalogue.engine,
            enlargers=self._catalogue.enlargers,
            marker=self._marker,
            on_step=reporter.on_step,
            save_checkpoint=self._checkpoint_sender(),
            vision=self._vision,
            reader=self._reader,
            screener=self._screener,
            watermark_proof=self._settings.watermark_proof,
        )

    def keep_for_next_start(self) -> None:
        for cache in self._compiled:
            cache.keep()

    def _restore_compiled(self, engine: Engine) -> None:
        bucket, device = self._settings.compile_cache_bucket, self._catalogue.accelerator()
        if bucket and device:
            from worker.cold_start.compile_cache import build_compile_cache  # brings Google's clients

            cache = build_compile_cache(
                self._settings, bucket, device, model=engine.model, revision=engine.revision
            )
            cache.restore()
            self._compiled.append(cache)

    def peak_bytes(self) -> int | None:
        return self._catalogue.peak_bytes()

    def refuse_hopeless(self, work: Work) -> None:
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
