"""Traces, and the metrics that are made of log lines. docs/operations.md says what a trace shows.

A trace travels with its job as a W3C ``traceparent``: in the record, in the message, in the manifest, in the
headers of a webhook. The process that takes a job over continues its trace in one line::

    with span("dispatch", "consumer", parent=traceparent_of(message.data)):  # functions.tracing

and passes ``traceparent()``, the place of the current span, on with the job.

Without an exporter nothing is recorded, and the trace that came in is passed on unchanged: only
``start_telemetry`` loads the SDK. Attributes are names and numbers, never what a caller wrote, what was found
in it, or a secret.
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
