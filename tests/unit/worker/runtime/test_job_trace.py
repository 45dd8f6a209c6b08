"""The spans of a job in the worker."""

from __future__ import annotations

import pytest

from functions.contract.errors import EngineFailed
from functions.contract.message import JobMessage
from functions.contract.telemetry import traceparent
from tests.conftest import MakeRecord
from tests.recorded import Recorded
from worker.runtime.job_trace import JobTrace

CALLER = "0af7651916cd43dd8448eb211c80319c"


def message(place: str | None = f"00-{CALLER}-b7ad6b7169203331-01") -> bytes:
    return JobMessage(job_id="job_" + "a" * 26, traceparent=place).encode()


def test_lanes_are_parts_of_the_job_and_stages_of_their_lane(
    recorded: Recorded, make_record: MakeRecord
) -> None:
    trace = JobTrace(message())
    trace.note_record(make_record())
    with trace.lane("intake"):
        trace.begin_stage("screen")
        trace.begin_stage("intent")
    with trace.lane("finish"):
        trace.begin_stage("seal")
        with trace.commit():
            continued_from = traceparent()
    trace.end()
    assert recorded.parents() == {
        "screen": "intake",
        "intent": "intake",
        "intake": "process job",
        "seal": "finish",
        "commit": "finish",
        "finish": "process job",
        "process job": None,
    }
    assert recorded.traces() == {CALLER}
    commit = recorded.one("commit").context
    assert commit is not None
    assert continued_from == f"00-{CALLER}-{commit.span_id:016x}-01"


def test_a_stage_ends_when_the_next_begins_and_with_its_lane(recorded: Recorded) -> None:
    trace = JobTrace(message())
    with trace.lane("engine"):
        trace.begin_stage("encode")
        trace.begin_stage("diffuse")
        assert [span.name for span in recorded.spans] == ["encode"]
    assert [span.name for span in recorded.spans] == ["encode", "diffuse", "engine"]


def test_a_failure_marks_the_stage_and_the_job(recorded: Recorded) -> None:
    trace = JobTrace(message())
    with trace.lane("engine"):
        trace.begin_stage("diffuse")
        trace.fail(EngineFailed("a red boat"))
    trace.end()
    assert recorded.one("diffuse").status.description == "engine_failed"
    assert recorded.one("process job").status.description == "engine_failed"
    assert recorded.one("engine").status.is_ok or recorded.one("engine").status.is_unset


@pytest.mark.parametrize("data", [b"", b"{", message(None), message("rubbish")])
def test_a_message_without_a_trace_begins_one(recorded: Recorded, data: bytes) -> None:
    JobTrace(data).end()
    assert recorded.one("process job").parent is None
