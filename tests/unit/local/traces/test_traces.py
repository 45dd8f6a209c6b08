"""A trace on the laptop: received, kept, and brought into a tree."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from functions.contract.telemetry import JOB, span
from local.traces.received_spans import ReceivedSpan, append_spans, read_spans
from local.traces.span_receiver import SpanReceiver
from local.traces.span_tree import list_branches, spans_of_job
from tests.recorded import Recorded


def a_span(
    id: str, parent: str = "", *, begin: int = 0, trace: str = "t", job: str | None = None
) -> ReceivedSpan:
    attributes = {JOB: job} if job else {}
    return ReceivedSpan(trace, id, parent, id, "internal", "worker", begin, begin + 10**6, None, attributes)


def body(recorded: Recorded) -> bytes:
    return encode_spans(recorded.spans).SerializeToString()


def test_what_is_sent_is_seen(recorded: Recorded) -> None:
    heard: list[ReceivedSpan] = []
    with pytest.raises(ValueError), span("whole", "server", attributes={JOB: "job_a"}), span("part"):
        raise ValueError
    with SpanReceiver(heard.extend).listening() as receiver:
        assert httpx.post(f"{receiver.url}/v1/traces", content=body(recorded)).status_code == 200
        packed = {"content-encoding": "gzip"}
        again = gzip.compress(body(recorded))
        assert httpx.post(f"{receiver.url}/v1/traces", content=again, headers=packed).status_code == 200
    part, whole = heard[:2]
    assert (whole.name, whole.kind, whole.parent, whole.error) == ("whole", "server", "", "ValueError")
    assert (part.parent, part.trace) == (whole.id, whole.trace)
    assert whole.attributes[JOB] == "job_a"
    assert len(heard) == 4


@pytest.mark.parametrize(
    ("path", "content", "status"), [("/v1/logs", b"", 404), ("/v1/traces", b"\xff", 400)]
)
def test_what_is_none_is_refused(path: str, content: bytes, status: int) -> None:
    with SpanReceiver(lambda spans: None).listening() as receiver:
        assert httpx.post(receiver.url + path, content=content).status_code == status


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "traces.jsonl"
    assert read_spans(file) == []
    append_spans(file, [a_span("a")])
    append_spans(file, [a_span("b", "a", job="job_a")])
    with file.open("a") as cut_off:
        cut_off.write('{"trace": "t", ')
    assert read_spans(file) == [a_span("a"), a_span("b", "a", job="job_a")]
    append_spans(file, [a_span("c")])  # by the stack that was started again
    assert [each.id for each in read_spans(file)] == ["a", "b", "c"]


def test_a_jobs_trace_is_all_of_it_and_nothing_else() -> None:
    spans = [a_span("a"), a_span("b", "a", job="job_a"), a_span("c", trace="other", job="job_b")]
    assert [each.id for each in spans_of_job(spans, "job_a")] == ["a", "b"]
    assert spans_of_job(spans, "job_c") == []


def test_parts_stand_below_the_whole_in_the_order_in_which_they_began() -> None:
    spans = [
        a_span("seal", "job", begin=3 * 10**6),
        a_span("job", "request", begin=1),
        a_span("draw", "job", begin=2),
        a_span("request", "of the caller"),
    ]
    found = [(each.span.id, each.depth, round(each.offset_ms)) for each in list_branches(spans)]
    assert found == [("request", 0, 0), ("job", 1, 0), ("draw", 2, 0), ("seal", 2, 3)]


def test_nothing_is_no_tree() -> None:
    assert list(list_branches([])) == []
