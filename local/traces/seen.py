"""A span as it was received, and the file that keeps spans: one JSON object in a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

JOB = "plantain.job.id"


@dataclass(frozen=True)
class Seen:
    """Times are in nanoseconds since 1970; ``parent`` is empty for a root; ``error`` is why it failed."""

    trace: str
    id: str
    parent: str
    name: str
    kind: str
    service: str
    begin: int
    end: int
    error: str | None
    attributes: dict[str, Any]

    @property
    def milliseconds(self) -> float:
        return (self.end - self.begin) / 1e6


def spans_in(body: bytes) -> Iterator[Seen]:
    """Those of an OTLP request. Raises google.protobuf's DecodeError."""
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        service = str(_plain(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            yield from (_seen(span, service) for span in scope.spans)


def _seen(span: Span, service: str) -> Seen:
    failed = span.status.code == span.status.STATUS_CODE_ERROR
    return Seen(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        service=service,
        begin=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        error=(span.status.message or "error") if failed else None,
        attributes=_plain(span.attributes),
    )


def _plain(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None


def keep(file: Path, spans: Iterable[Seen]) -> None:
    with file.open("a") as kept:
        kept.writelines(json.dumps(asdict(span)) + "\n" for span in spans)


def kept_in(file: Path) -> list[Seen]:
    """What was kept; nothing where nothing was, and without a line that a crash cut off."""
    try:
        lines = file.read_text().split("\n")
    except FileNotFoundError:
        return []
    return [Seen(**json.loads(line)) for line in lines[:-1]]
