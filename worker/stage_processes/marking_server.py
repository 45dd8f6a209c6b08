"""The marking process's own side: it runs the stages that need a processor alone, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np

from worker.screening.build_screener import build_screener
from worker.settings import WorkerSettings
from worker.stage_processes.stage_server import StageServer, serve_stages
from worker.stage_processes.step_reporter import StepReporter
from worker.stages.pipeline import Stage, plan_lanes, run_stages
from worker.stages.tools import MarkingTools
from worker.stages.work import Work
from worker.verification.build_examiner import build_examiner
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key

_WARM_UP_SIDE = 256  # pixels


def run_marking_server(
    connection: Connection, settings: WorkerSettings, stages: Sequence[Stage[MarkingTools]] | None = None
) -> None:
    """Serves the lane ``marking``; ``stages`` replaces its stages."""
    serve_stages(connection, lambda: MarkingServer(connection, settings, stages))


class MarkingServer(StageServer):
    """Runs the stages of the lane ``marking``."""

    lane = "marking"

    def __init__(
        self,
        connection: Connection,
        settings: WorkerSettings,
        stages: Sequence[Stage[MarkingTools]] | None = None,
    ) -> None:
        super().__init__(connection)
        self._stages = plan_lanes(settings.image_classifier).marking if stages is None else stages
        self._tools = MarkingTools(
            marker=Watermarker(watermark_key(settings), settings.watermark_key_version),
            examiner=build_examiner(settings),
            screener=build_screener(settings),
            watermark_proof=settings.watermark_proof,
        )

    def warm_up(self) -> None:
        """Marks once: the first mark makes tables that the others use."""
        grey = np.full((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), 0.5, np.float32)
        self._tools.marker.embed(grey, 0)

    def run_stages(self, work: Work, reporter: StepReporter) -> Work:
        done = run_stages(self._stages, work, self._tools, reporter.on_stage)
        return replace(done, mask=None)  # no later stage needs it
