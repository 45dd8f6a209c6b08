"""A job's spans in the worker: one for the message, one for each lane, and one for each stage in a lane.

The engine process keeps no spans. The parent is told when a stage begins, and keeps the spans for both: an
engine that is killed loses none, and no GPU waits while spans are sent.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import Span

from functions.contract.errors import PlantainError
from functions.contract.job import JobRecord
from functions.contract.message import traceparent_of
from functions.contract.telemetry import (
    JOB,
    activate_span,
    record_failure,
    set_attributes,
    span,
    start_span,
    traceparent,
)


class JobTrace:
    """Begins when the job's message is delivered and ends when it is settled. One lane at a time uses it."""

    def __init__(self, message: bytes) -> None:
        self._job_span = start_span("process job", "consumer", parent=traceparent_of(message))
        self._stage_span: Span | None = None
        self._lane: str | None = None

    def note_record(self, record: JobRecord) -> None:
        facts = {"plantain.attempt": record.attempt, "plantain.model": record.model}
        set_attributes(self._job_span, {JOB: record.id, "plantain.task": record.request.task, **facts})

    @contextmanager
    def lane(self, name: str) -> Generator[None]:
        """Makes the lane's span the current one; the spans of its stages are inside it."""
        with activate_span(self._job_span):
            lane_span = start_span(name)
        try:
            with activate_span(lane_span):
                self._lane = traceparent()
                yield
        finally:
            self._end_stage()
            lane_span.end()

    def begin_stage(self, name: str) -> None:
        """Ends the span of the stage before, and begins one in the current lane's span."""
        self._end_stage()
        self._stage_span = start_span(name, parent=self._lane, attributes={"plantain.stage": name})

    @contextmanager
    def commit(self) -> Generator[None]:
        """Spans the commit. Notifications of the job's end continue from this span."""
        self._end_stage()
        with span("commit"):
            yield

    def fail(self, error: PlantainError) -> None:
        """Marks the current stage's span and the job's span as failed."""
        if self._stage_span is not None:
            record_failure(self._stage_span, error)
        record_failure(self._job_span, error)

    def end(self) -> None:
        self._job_span.end()

    def _end_stage(self) -> None:
        if self._stage_span is not None:
            self._stage_span.end()
            self._stage_span = None
