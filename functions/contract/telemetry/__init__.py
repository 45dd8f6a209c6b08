"""Traces, and the numbers that are made of log lines. docs/operations.md says what a trace shows.

A trace goes with its job as a W3C ``traceparent``: in the record, in the message, in the manifest, in the
headers of a webhook. Whoever takes a job over goes on with it in one line::

    with span("dispatch", "consumer", parent=traceparent_of(message.data)):  # functions.tracing

and whoever passes it on hands over ``traceparent()``, the place where the current span stands.

Without an exporter nothing is recorded, and what came in goes out again as it was: ``start`` alone loads the
SDK. Attributes are names and numbers: what people wrote, what was found in it and what opens doors stays out.
"""

from .exporters import flush, start
from .spans import JOB, begin, continued, fail, note, span, to_topic, within
from .trace import HEADER, from_headers, is_sampled, traceparent

__all__ = [
    "HEADER",
    "JOB",
    "begin",
    "continued",
    "fail",
    "flush",
    "from_headers",
    "is_sampled",
    "note",
    "span",
    "start",
    "to_topic",
    "traceparent",
    "within",
]
