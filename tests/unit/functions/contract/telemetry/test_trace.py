"""Where something stands in a trace, as W3C and Google write it."""

from __future__ import annotations

import pytest

from functions.contract.telemetry import continue_trace, is_sampled, span, traceparent
from functions.contract.telemetry.trace import log_fields, traceparent_from_headers

TRACE = "0af7651916cd43dd8448eb211c80319c"
PLACE = f"00-{TRACE}-b7ad6b7169203331-01"
UNSAMPLED = f"00-{TRACE}-b7ad6b7169203331-00"


def test_a_request_goes_on_with_its_callers_trace() -> None:
    assert traceparent_from_headers({"traceparent": PLACE}) == PLACE


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (f"{TRACE}/1;o=1", f"00-{TRACE}-0000000000000001-01"),
        (f"{TRACE.upper()}/{2**64 - 1};o=0", f"00-{TRACE}-ffffffffffffffff-00"),
        (f"{TRACE}/7", f"00-{TRACE}-0000000000000007-00"),
    ],
)
def test_googles_own_header_says_the_same(header: str, place: str) -> None:
    assert traceparent_from_headers({"X-Cloud-Trace-Context": header}) == place


def test_of_two_headers_the_standard_one_counts() -> None:
    assert traceparent_from_headers({"traceparent": PLACE, "X-Cloud-Trace-Context": f"{'b' * 32}/1"}) == PLACE


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": "00-rubbish"},
        {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
        {"traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"},
        {"X-Cloud-Trace-Context": TRACE},
        {"X-Cloud-Trace-Context": f"{TRACE}/{2**64}"},
        {"X-Cloud-Trace-Context": f"{TRACE}/0;o=1"},
        {"X-Cloud-Trace-Context": f"{TRACE}/1;o=1\nx"},
    ],
)
def test_a_broken_header_is_left_out(headers: dict[str, str]) -> None:
    assert traceparent_from_headers(headers) is None


def test_who_records_says_so() -> None:
    assert is_sampled(PLACE)
    assert not is_sampled(UNSAMPLED)
    assert not is_sampled(None)
    assert not is_sampled("rubbish")


def test_outside_of_a_trace_there_is_no_place() -> None:
    assert traceparent() is None
    assert log_fields() == {}


def test_without_an_exporter_what_came_in_goes_out() -> None:
    with span("work", parent=PLACE):
        assert traceparent() == PLACE
        with span("part"):
            assert traceparent() == PLACE
    assert traceparent() is None


@pytest.mark.parametrize("parent", [None, "rubbish", "00-aa-bb-01"])
def test_without_an_exporter_nothing_comes_of_nothing(parent: str | None) -> None:
    with span("work", parent=parent), continue_trace(parent):
        assert traceparent() is None


def test_a_log_line_names_its_span_as_cloud_logging_reads_it() -> None:
    with continue_trace(PLACE):
        assert log_fields({"PLANTAIN_PROJECT": "here"}) == {
            "logging.googleapis.com/trace": f"projects/here/traces/{TRACE}",
            "logging.googleapis.com/spanId": "b7ad6b7169203331",
            "logging.googleapis.com/trace_sampled": True,
        }
    with continue_trace(UNSAMPLED):
        fields = log_fields({})
        assert fields["logging.googleapis.com/trace"] == TRACE
        assert fields["logging.googleapis.com/trace_sampled"] is False
