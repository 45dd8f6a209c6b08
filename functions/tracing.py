"""A function's part of a trace. Its spans are sent before it answers: afterwards Cloud Run takes
its CPU away.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from flask import Request, has_request_context, request
from opentelemetry.trace import Span, get_current_span

from .contract.errors import PlantainError
from .contract.telemetry import (
    JOB,
    activate_span,
    continue_trace,
    flush_telemetry,
    is_sampled,
    record_failure,
    set_attributes,
    span,
    start_span,
    traceparent_from_headers,
)


@contextmanager
def traced_event(function: str, parent: str | None = None, *, job_id: str | None = None) -> Generator[Span]:
    """Runs ``function`` in a span of its own.

    ``parent`` is the job's trace. Without one the span belongs to the request's trace, which Cloud Run
    begins.
    """
    called = traceparent_from_headers(request.headers) if has_request_context() else None
    link = called if parent is not None else None
    attributes = {"faas.name": function, JOB: job_id}
    try:
        with span(function, "consumer", parent=parent or called, link=link, attributes=attributes) as begun:
            yield begun
    finally:
        flush_telemetry()


@contextmanager
def traced_sweep() -> Generator[None]:
    """Runs a function that goes from job to job: its log belongs to its request's trace, its spans to the
    jobs' traces.
    """
    try:
        with continue_trace(traceparent_from_headers(request.headers) if has_request_context() else None):
            yield
    finally:
        flush_telemetry()


@contextmanager
def traced_request(asked: Request, route: str) -> Generator[Span]:
    """Runs the API on one request. A request that only reads is recorded when its caller records it.

    Callers look at a job far more often than they create one, and each span that is sent takes time.
    """
    called = traceparent_from_headers(asked.headers)
    if asked.method == "GET" and not is_sampled(called):
        with continue_trace(called):
            yield get_current_span()
        return
    attributes = {"faas.name": "api", "http.request.method": asked.method, "http.route": route}
    begun = start_span(f"{asked.method} {route}", "server", parent=called, attributes=attributes)
    try:
        with activate_span(begun):
            yield begun
    except Exception as error:
        _record_outcome(begun, error)
        raise
    finally:
        begun.end()
        flush_telemetry()


def _record_outcome(begun: Span, error: Exception) -> None:
    """Records how the request failed. A caller's mistake sets the error's code and does not fail the span."""
    status = error.status if isinstance(error, PlantainError) else 500
    set_attributes(begun, {"http.response.status_code": status})
    if isinstance(error, PlantainError) and status < 500:
        set_attributes(begun, {"error.type": error.code})
    else:
        record_failure(begun, error)
