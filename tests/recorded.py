"""The spans of one test, in memory; other tests are left without, as a deployment without an exporter is."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Recorded:
    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("plantain")

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that have ended, in that order."""
        return self._exporter.get_finished_spans()

    def one(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def parents(self) -> dict[str, str | None]:
        """By each span's name that of its parent; None for one whose parent is not here."""
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return {span.name: names.get(span.parent.span_id) if span.parent else None for span in self.spans}

    def traces(self) -> set[str]:
        return {f"{span.context.trace_id:032x}" for span in self.spans if span.context}
