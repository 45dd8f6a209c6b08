"""Spans: how long something took, which larger span it belongs to, and the error it failed with.

Names of kinds and attributes are OpenTelemetry's: https://opentelemetry.io/docs/specs/semconv/
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Literal

from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanKind,
    Status,
    StatusCode,
    get_tracer,
    use_span,
)

from ..errors import PlantainError
from .trace import context_of, span_context

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attributes = Mapping[str, str | int | float | bool | None]

JOB = "plantain.job.id"

_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
_TRACER = get_tracer("plantain")


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    link: str | None = None,
    attributes: Attributes | None = None,
) -> Generator[Span]:
    """Runs the block in a span. An error sets the span's error code and is raised further.

    ``parent`` and ``link`` are traceparents. Without a readable parent the span belongs to the current one.
    """
    begun = start_span(name, kind, parent=parent, link=link, attributes=attributes)
    with activate_span(begun):
        try:
            yield begun
        except Exception as error:
            record_failure(begun, error)
            raise
        finally:
            begun.end()


def start_span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    link: str | None = None,
    attributes: Attributes | None = None,
) -> Span:
    """Returns a span that its caller ends, perhaps in another thread."""
    linked = span_context(link)
    return _TRACER.start_span(
        name,
        context_of(parent),
        _KINDS[kind],
        _without_none(attributes or {}),
        [Link(linked)] if linked is not None else None,
        record_exception=False,
        set_status_on_exception=False,
    )


@contextmanager
def activate_span(begun: Span) -> Generator[None]:
    """Makes the span the current one during the block, and does not end it."""
    with use_span(begun, end_on_exit=False, record_exception=False, set_status_on_exception=False):
        yield


@contextmanager
def continue_trace(parent: str | None) -> Generator[None]:
    """Makes the place that ``parent`` names the current one during the block, and records nothing."""
    place = span_context(parent)
    if place is None:
        yield
        return
    with activate_span(NonRecordingSpan(place)):
        yield


def record_failure(failed: Span, error: Exception) -> None:
    """Marks the span as failed, with a code or a class name: an error's text may repeat a caller's words."""
    why = error.code if isinstance(error, PlantainError) else type(error).__name__
    failed.set_attribute("error.type", why)
    failed.set_status(Status(StatusCode.ERROR, why))


def set_attributes(noted: Span, attributes: Attributes) -> None:
    """Sets attributes of the span, without those that are None."""
    noted.set_attributes(_without_none(attributes))


def publish_attributes(topic: str, job_id: str) -> Attributes:
    """Returns the attributes of a span that publishes a message."""
    return {"messaging.system": "gcp_pubsub", "messaging.destination.name": topic, JOB: job_id}


def _without_none(attributes: Attributes) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in attributes.items() if value is not None}
