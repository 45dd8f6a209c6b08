"""A job's spans on its way through the worker: the message, the lanes, and the stages in each of them.

The engine process keeps no spans: the parent, who is told when a stage begins, does it for both. Nothing is
lost with an engine that is killed, and nothing is sent while a GPU waits.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import Span

from functions.contract.errors import PlantainError
from functions.contract.job import JobRecord
from functions.contract.message import traceparent_of
from functions.contract.telemetry import JOB, activate_span, record_failure, set_attributes, span, start_span


class JobTrace:
    """Begins with a delivery of the job's message, ends when that is settled. One lane at a time has it."""

    def __init__(self, message: bytes) -> None:
        self._job = start_span("process job", "consumer", parent=traceparent_of(message))
        self._stage: Span | None = None

    def claimed(self, record: JobRecord) -> None:
        facts = {"plantain.attempt": record.attempt, "plantain.model": record.model}
        set_attributes(self._job, {JOB: record.id, "plantain.task": record.request.task, **facts})

    @contextmanager
    def lane(self, name: str) -> Generator[None]:
        """The lane's span is the current one, and the stages are its parts."""
        with activate_span(self._job):
            lane = start_span(name)
        try:
            with activate_span(lane):
                yield
        finally:
            self._end_stage()
            lane.end()

    def stage(self, name: str) -> None:
        """From now on ``name`` is at work, in the lane whose span is the current one."""
        self._end_stage()
        self._stage = start_span(name, attributes={"plantain.stage": name})

    @contextmanager
    def commit(self) -> Generator[None]:
        """The last part: what is told of the job's end comes after it."""
        self._end_stage()
        with span("commit"):
            yield

    def stopped(self, error: PlantainError) -> None:
        """The stage that was at work did not get through, and so did not the job here."""
        if self._stage is not None:
            record_failure(self._stage, error)
        record_failure(self._job, error)

    def end(self) -> None:
        self._job.end()

    def _end_stage(self) -> None:
        if self._stage is not None:
            self._stage.end()
            self._stage = None
