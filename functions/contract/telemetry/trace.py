"""The current place in a trace, written and read as W3C Trace Context.

https://www.w3.org/TR/trace-context/ and, for the header that Google's front ends wrote before it,
https://cloud.google.com/trace/docs/trace-context#legacy-http-header
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Protocol

from opentelemetry.context import Context
from opentelemetry.trace import (
    SpanContext,
    format_span_id,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"
GOOGLES_HEADER = "X-Cloud-Trace-Context"

_W3C = TraceContextTextMapPropagator()
_GOOGLES = re.compile(r"([0-9a-f]{32})/(\d{1,20})(?:;o=(\d))?", re.IGNORECASE)


def traceparent() -> str | None:
    """Returns the place of the current span; None outside of any span."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(HEADER)


def context_of(parent: str | None) -> Context | None:
    """Returns the context that ``parent`` names; None, which means the current one, where it names none."""
    if parent is None:
        return None
    found = _W3C.extract({HEADER: parent}, Context())
    return found if get_current_span(found).get_span_context().is_valid else None


def span_context(parent: str | None) -> SpanContext | None:
    found = context_of(parent)
    return get_current_span(found).get_span_context() if found is not None else None


def is_sampled(parent: str | None) -> bool:
    """Returns True if the caller records its trace."""
    context = span_context(parent)
    return context is not None and context.trace_flags.sampled


class Headers(Protocol):
    def get(self, key: str, /) -> str | None: ...


def traceparent_from_headers(headers: Headers) -> str | None:
    """Returns the trace of an HTTP request. A broken header is ignored, and never a reason to refuse."""
    given = headers.get(HEADER) or _from_google_header(headers.get(GOOGLES_HEADER) or "")
    return given if span_context(given) is not None else None


def _from_google_header(googles: str) -> str | None:
    found = _GOOGLES.fullmatch(googles.strip())
    if found is None or int(found[2]) >= 2**64:
        return None
    sampled = int(found[3] or 0) & 1
    return f"00-{found[1].lower()}-{int(found[2]):016x}-{sampled:02x}"


def log_fields(environment: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Returns the fields by which Cloud Logging shows a line beside its span.

    https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
    """
    context = get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    project = environment.get("PLANTAIN_PROJECT") or environment.get("GOOGLE_CLOUD_PROJECT")
    trace = format_trace_id(context.trace_id)
    return {
        "logging.googleapis.com/trace": f"projects/{project}/traces/{trace}" if project else trace,
        "logging.googleapis.com/spanId": format_span_id(context.span_id),
        "logging.googleapis.com/trace_sampled": context.trace_flags.sampled,
    }
