"""Sends spans and metrics to the OTLP endpoint of OpenTelemetry's own variables, or to Cloud Trace.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and
https://cloud.google.com/stackdriver/docs/reference/telemetry/overview
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .log import add_log_listener, log

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExporter

GOOGLE = "https://telemetry.googleapis.com/v1/traces"
WAIT = 2.0  # seconds that a flush waits
PATIENCE = 30.0  # seconds without waiting, after a receiver was too slow

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_lock = threading.Lock()


class _TelemetryExport:
    """The exporters of this process: none until ``start_telemetry`` finds a receiver."""

    def __init__(self) -> None:
        self.started = False
        self._senders: list[Callable[[], object]] = []
        self._no_waiting_until = 0.0

    def add(self, send: Callable[[], object]) -> None:
        self._senders.append(send)

    def flush(self) -> None:
        if not self._senders or time.monotonic() < self._no_waiting_until:
            return
        sending = threading.Thread(target=self._send, name="telemetry", daemon=True)
        sending.start()
        sending.join(WAIT)
        if sending.is_alive():
            self._no_waiting_until = time.monotonic() + PATIENCE
            log("telemetry.slow", "WARNING")

    def _send(self) -> None:
        for send in self._senders:
            send()


_export = _TelemetryExport()


def start_telemetry(
    service: str, project: str, *, to_google: bool, environment: Mapping[str, str] = os.environ
) -> None:
    """Sets the SDK up, once in a process, if there is a receiver; otherwise the SDK is not even loaded.

    Call it after the last fork. ``service`` is this process's name where no platform gives one. A receiver
    that cannot be set up is logged, and the work goes on without it.
    """
    with _lock:
        if _export.started or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
            return
        _export.started = True
        try:
            _start_exporters(service, project, environment, to_google=to_google)
        except (ValueError, RuntimeError, OSError) as error:  # how the exporters refuse their variables
            log("telemetry.cannot_start", "ERROR", reason=type(error).__name__)


def _start_exporters(service: str, project: str, environment: Mapping[str, str], *, to_google: bool) -> None:
    traces = _goes_to_otlp("TRACES", environment)
    if traces or (to_google and environment.get("OTEL_TRACES_EXPORTER") != "none"):
        _start_traces(_describe_process(service, project, environment), by_otlp=traces)
    if _goes_to_otlp("METRICS", environment):
        _start_metrics(_describe_process(service, project, environment))


def flush_telemetry() -> None:
    """Sends what is recorded, and waits for up to ``WAIT`` seconds.

    A function calls it before it answers: afterwards Cloud Run takes its CPU away.
    """
    _export.flush()


def _goes_to_otlp(signal: str, environment: Mapping[str, str]) -> bool:
    named = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environment.get(
        f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"
    )
    return bool(named) and environment.get(f"OTEL_{signal}_EXPORTER", "otlp") == "otlp"


def _describe_process(service: str, project: str, environment: Mapping[str, str]) -> Resource:
    from opentelemetry.sdk.resources import Resource

    attributes = {
        "gcp.project_id": project,
        "service.instance.id": f"{environment.get('HOSTNAME', 'here')}-{os.getpid()}",
    }
    if not environment.get("OTEL_SERVICE_NAME"):
        platforms = environment.get("K_SERVICE") or environment.get("CLOUD_RUN_WORKER_POOL")
        attributes["service.name"] = platforms or service
    return Resource.create(attributes)


def _start_traces(resource: Resource, *, by_otlp: bool) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import set_tracer_provider

    exporter = OTLPSpanExporter() if by_otlp else _google_exporter()
    if exporter is None:
        return
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)  # it would wait for half a minute
    provider.add_span_processor(BatchSpanProcessor(exporter))
    set_tracer_provider(provider)
    _export.add(provider.force_flush)


def _google_exporter() -> SpanExporter | None:
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import AuthorizedSession
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    try:
        credentials, _ = google.auth.default(scopes=_SCOPES)
    except GoogleAuthError as error:
        log("telemetry.cannot_start", "ERROR", reason=type(error).__name__)
        return None
    return OTLPSpanExporter(GOOGLE, session=AuthorizedSession(credentials))


def _start_metrics(resource: Resource) -> None:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    from .metrics import LogMetrics

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    add_log_listener(LogMetrics(provider.get_meter("plantain")).hear)
    _export.add(provider.force_flush)
