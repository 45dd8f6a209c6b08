"""Traces, and the numbers that are made of log lines. docs/operations.md says what a trace shows.

A trace goes with its job as a W3C ``traceparent``: in the record, in the message, in the manifest, in the
headers of a webhook. Whoever takes a job over goes on with it in one line::

    with span("dispatch", "consumer", parent=traceparent_of(message.data)):  # functions.tracing

and whoever passes it on hands over ``traceparent()``, the place where the current span stands.

Without an exporter nothing is recorded, and what came in goes out again as it was: ``start`` alone loads the
SDK. Attributes are names and numbers: what people wrote, what was found in it and what opens doors stays out.
"""

from .exporters import flush_telemetry, start_telemetry
from .spans import (
    JOB,
    activate_span,
    continue_trace,
    publish_attributes,
    record_failure,
    set_attributes,
    span,
    start_span,
)
from .trace import HEADER, is_sampled, traceparent, traceparent_from_headers

__all__ = [
    "HEADER",
    "JOB",
    "activate_span",
    "continue_trace",
    "flush_telemetry",
    "is_sampled",
    "publish_attributes",
    "record_failure",
    "set_attributes",
    "span",
    "start_span",
    "start_telemetry",
    "traceparent",
    "traceparent_from_headers",
]
