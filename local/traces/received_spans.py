"""A span as it was received, and the file that keeps spans: one JSON object in a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class ReceivedSpan:
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


def parse_spans(body: bytes) -> Iterator[ReceivedSpan]:
    """Yields the spans of an OTLP request. Raises google.protobuf's DecodeError."""
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        service = str(_plain_attributes(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            yield from (_received_span(span, service) for span in scope.spans)


def _received_span(span: Span, service: str) -> ReceivedSpan:
    failed = span.status.code == span.status.STATUS_CODE_ERROR
    return ReceivedSpan(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        service=service,
        begin=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        error=(span.status.message or "error") if failed else None,
        attributes=_plain_attributes(span.attributes),
    )


def _plain_attributes(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {each.key: _plain_value(each.value) for each in attributes}


def _plain_value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None


def append_spans(file: Path, spans: Iterable[ReceivedSpan]) -> None:
    with file.open("ab+") as kept:
        if _is_cut_off(kept):
            kept.write(b"\n")  # so that what comes now is not lost with it
        kept.writelines(json.dumps(asdict(span)).encode() + b"\n" for span in spans)


def _is_cut_off(kept: BinaryIO) -> bool:
    """Returns True if a crash left the last line without its end."""
    if kept.seek(0, os.SEEK_END) == 0:
        return False
    kept.seek(-1, os.SEEK_END)
    return kept.read(1) != b"\n"


def read_spans(file: Path) -> list[ReceivedSpan]:
    """Returns the spans of a file; none where there is no file. Lines that a crash cut off are left out."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [span for line in lines if (span := _parse_line(line)) is not None]


def _parse_line(line: bytes) -> ReceivedSpan | None:
    try:
        return ReceivedSpan(**json.loads(line))
    except ValueError:
        return None
