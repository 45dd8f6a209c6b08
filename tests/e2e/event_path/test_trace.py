"""One trace shows every hop of one job: the real stack sends its spans to a real OTLP receiver."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from google.cloud import pubsub_v1

from local.data_folder import DataDirectory
from local.traces.received_spans import ReceivedSpan, read_spans
from local.traces.span_receiver import SpanReceiver
from local.traces.span_tree import spans_of_job
from tests.e2e.event_path.laptop import Laptop, running
from tests.eventually import eventually

ROOT = Path(__file__).parents[3]

PROMPT = "a zeppelin that nobody else asks for"
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{CALLER}-00f067aa0ba902b7-01"


@dataclass
class Webhook:
    url: str
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@contextmanager
def webhook() -> Generator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            there.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Webhook(f"http://127.0.0.1:{server.server_port}/hook")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Traced:
    """A job that has ended, and everything that was sent about it."""

    laptop: Laptop
    job_id: str
    spans: list[ReceivedSpan]
    webhook: Webhook
    everything: list[ReceivedSpan]

    def one(self, name: str) -> ReceivedSpan:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def parent(self, name: str) -> str:
        (found,) = [span.name for span in self.spans if span.id == self.one(name).parent]
        return found


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Generator[Traced]:
    data = tmp_path_factory.mktemp("traced") / "data"
    seen: list[ReceivedSpan] = []
    with SpanReceiver(seen.extend).listening() as receiver, webhook() as there:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        with running(data, workers=1, **endpoint) as laptop:
            asked = {"task": "generate", "prompt": PROMPT, "size": "512", "model": "mock"}
            answer = laptop.ask(
                "POST",
                "/v1/jobs",
                json={**asked, "webhook": {"url": there.url}},
                headers={"traceparent": TRACEPARENT},
            )
            job_id = answer.json()["id"]
            laptop.ended(job_id)
            names = {"webhook", "process job", "notify", "deliver"}
            eventually(lambda: names <= {span.name for span in spans_of_job(list(seen), job_id)}, "the trace")
            yield Traced(laptop, job_id, spans_of_job(list(seen), job_id), there, seen)


def test_it_is_one_trace_and_it_is_the_callers(traced: Traced) -> None:
    assert {span.trace for span in traced.spans} == {CALLER}
    assert traced.one("POST jobs.create").parent == "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("span", "part_of"),
    [
        ("admit", "POST jobs.create"),
        ("publish job", "admit"),
        ("process job", "publish job"),
        ("claim", "process job"),
        ("intake", "process job"),
        ("screen", "intake"),
        ("intent", "intake"),
        ("engine", "process job"),
        ("screen_input", "intake"),
        ("encode", "engine"),
        ("diffuse", "engine"),
        ("correct", "engine"),
        ("upscale", "engine"),
        ("marking", "process job"),
        ("screen_output", "marking"),
        ("watermark", "marking"),
        ("finish", "process job"),
        ("seal", "finish"),
        ("commit", "finish"),
        ("notify", "commit"),
        ("publish event", "notify"),
        ("deliver", "notify"),
        ("webhook", "deliver"),
    ],
)
def test_every_hop_is_a_part_of_the_one_before(traced: Traced, span: str, part_of: str) -> None:
    assert traced.parent(span) == part_of


def test_every_process_has_its_part(traced: Traced) -> None:
    services = {span.name: span.service for span in traced.spans}
    assert services["admit"] == services["webhook"] == "plantain-functions"
    assert services["diffuse"] == services["commit"] == "plantain-worker"


def test_a_part_lasts_no_longer_than_the_whole(traced: Traced) -> None:
    engine = traced.one("engine")
    stages = [span for span in traced.spans if span.parent == engine.id]
    assert stages == sorted(stages, key=lambda span: span.begin)
    assert all(engine.begin <= span.begin <= span.end <= engine.end for span in stages)


def test_the_record_and_the_manifest_name_the_trace(traced: Traced) -> None:
    manifest = traced.laptop.manifest(traced.job_id)
    assert manifest.origin.traceparent == f"00-{CALLER}-{traced.one('admit').id}-01"
    assert manifest.traceparent == f"00-{CALLER}-{traced.one('commit').id}-01"


def test_the_webhook_goes_on_with_the_trace(traced: Traced) -> None:
    assert traced.webhook.headers[0]["traceparent"] == f"00-{CALLER}-{traced.one('webhook').id}-01"


def test_the_event_goes_on_with_the_trace(traced: Traced) -> None:
    settings = traced.laptop.settings
    with pubsub_v1.SubscriberClient() as client:
        path = settings.subscription_path("events-tail")
        answer = client.pull(subscription=path, max_messages=10)
        (message,) = [
            each.message
            for each in answer.received_messages
            if each.message.attributes["job_id"] == traced.job_id
        ]
    assert message.attributes["traceparent"] == f"00-{CALLER}-{traced.one('publish event').id}-01"


def test_no_span_says_what_was_asked_for_or_where_to_tell_of_it(traced: Traced) -> None:
    told = json.dumps([vars(span) for span in traced.everything])
    assert "zeppelin" not in told
    assert traced.webhook.url not in told
    assert traced.laptop.environment.get("PLANTAIN_WEBHOOK_SECRET", "whsec_") not in told


def test_who_looks_at_a_job_leaves_no_span(traced: Traced) -> None:
    traced.laptop.ask("GET", f"/v1/jobs/{traced.job_id}")
    assert not [span for span in traced.everything if span.name.startswith("GET")]


def test_the_logs_of_the_worker_name_the_span(traced: Traced) -> None:
    log = Path(traced.laptop.environment["PLANTAIN_DATA"]) / "logs" / "worker-1.log"
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (ended,) = [line for line in lines if line["message"] == "job.ended" and line["job_id"] == traced.job_id]
    assert ended["logging.googleapis.com/trace"] == f"projects/plantain-local/traces/{CALLER}"
    assert ended["logging.googleapis.com/spanId"] == traced.one("commit").id
    assert ended["logging.googleapis.com/trace_sampled"] is True


def test_plantain_trace_shows_the_tree(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, 1, "--trace") as laptop:
        job_id = laptop.post(prompt=PROMPT)["id"]
        laptop.ended(job_id)
        eventually(lambda: {"process job", "notify"} <= names_of_spans(data, job_id), "the spans")
        command = [sys.executable, "-m", "local.cli", "trace", job_id, "--json", "--data", str(data)]
        shown = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    depths = {row["name"]: row["depth"] for row in shown}
    assert depths["POST jobs.create"] == 0
    assert depths["publish event"] > depths["notify"] > depths["commit"] > depths["process job"] > 0


def names_of_spans(data: Path, job_id: str) -> set[str]:
    return {span.name for span in spans_of_job(read_spans(DataDirectory(data).traces), job_id)}
