"""Who is sent what: asked of a fresh process each time, since the SDK is set up once in a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from local.traces.received_spans import ReceivedSpan
from local.traces.span_receiver import SpanReceiver

ROOT = Path(__file__).parents[5]

PROGRAM = """
import json, sys, time
from functions.contract.telemetry.log import log
from functions.contract.telemetry import flush_telemetry, span, start_telemetry, traceparent
start_telemetry("plantain-test", "here", to_google={to_google})
with span("work"):
    place = traceparent()
    log("job.ended", state="succeeded", task="edit", queue_seconds=0.5, seconds=2)
    log("job.ended", state="failed", task="edit", queue_seconds=None, seconds=3)
began = time.monotonic()
flush_telemetry()
flush_telemetry()
print(json.dumps({{
    "place": place,
    "seconds": time.monotonic() - began,
    "sdk": "opentelemetry.sdk.trace" in sys.modules,
    "exporter": "opentelemetry.exporter.otlp.proto.http" in sys.modules,
}}))
"""


def run(variables: dict[str, str], *, to_google: bool = False) -> dict[str, object]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(to_google=to_google)],
        cwd=ROOT,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


def received(**variables: str) -> tuple[list[ReceivedSpan], list[bytes]]:
    spans: list[ReceivedSpan] = []
    with SpanReceiver(spans.extend).listening() as receiver:
        run({name: value.replace("RECEIVER", receiver.url) for name, value in variables.items()})
        return spans, receiver.metric_requests


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
            "OTEL_TRACES_EXPORTER": "none",
            "OTEL_METRICS_EXPORTER": "none",
        },
    ],
)
def test_without_a_receiver_the_sdk_is_not_loaded(variables: dict[str, str]) -> None:
    ran = run(variables)
    assert ran["place"] is None
    assert not ran["sdk"]
    assert not ran["exporter"]


def test_an_endpoint_gets_spans_and_numbers() -> None:
    spans, metrics = received(OTEL_EXPORTER_OTLP_ENDPOINT="RECEIVER")
    assert [(span.name, span.service) for span in spans] == [("work", "plantain-test")]
    assert metrics


def test_a_service_may_be_named_by_its_platform_and_by_its_owner() -> None:
    spans, _ = received(OTEL_EXPORTER_OTLP_ENDPOINT="RECEIVER", K_SERVICE="plantain-api")
    assert spans[0].service == "plantain-api"
    spans, _ = received(
        OTEL_EXPORTER_OTLP_ENDPOINT="RECEIVER", K_SERVICE="plantain-api", OTEL_SERVICE_NAME="mine"
    )
    assert spans[0].service == "mine"


def test_one_signal_may_go_alone() -> None:
    spans, metrics = received(OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="RECEIVER/v1/metrics")
    assert (spans, len(metrics) > 0) == ([], True)
    spans, metrics = received(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="RECEIVER/v1/traces")
    assert (len(spans), metrics) == (1, [])


def test_the_numbers_are_those_of_the_log() -> None:
    _, metrics = received(OTEL_EXPORTER_OTLP_ENDPOINT="RECEIVER")
    found = {
        metric.name: metric
        for resource in ExportMetricsServiceRequest.FromString(metrics[-1]).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert {point.as_int for point in found["plantain.jobs.ended"].sum.data_points} == {1}
    (waited,) = found["plantain.queue.duration"].histogram.data_points
    assert (waited.count, waited.sum) == (1, 0.5)
    assert len(waited.explicit_bounds) == 20


def test_a_receiver_that_does_not_answer_is_not_waited_for_long() -> None:
    """It takes the connection and says nothing: the first flush waits a little, the second not at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        ran = run({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{endpoint}/v1/traces"})
    assert ran["sdk"]


def test_a_variable_that_cannot_be_meant_stops_nothing() -> None:
    nonsense = {"OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER": "nobody"}
    ran = run({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", **nonsense})
    assert ran["place"] is None


def test_google_without_credentials_is_logged_and_the_work_goes_on() -> None:
    unknown = {"GOOGLE_APPLICATION_CREDENTIALS": "/nowhere.json", "HOME": "/nowhere"}
    ran = run(unknown, to_google=True)
    assert ran["place"] is None
