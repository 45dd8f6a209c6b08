"""Spans, as an exporter gets them."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from functions.contract.errors import PromptBlocked
from functions.contract.telemetry import activate_span, set_attributes, span, start_span, traceparent
from tests.recorded import Recorded

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-ffffffffffffffffffffffffffffffff-b7ad6b7169203331-01"


def test_a_span_is_a_part_of_the_current_one(recorded: Recorded) -> None:
    with span("whole"), span("part"):
        pass
    assert recorded.parents() == {"part": "whole", "whole": None}


def test_a_parent_by_name_comes_before_the_current_one(recorded: Recorded) -> None:
    with span("here"), span("there", "consumer", parent=CALLER, link=OTHER):
        assert (traceparent() or "").startswith(CALLER[:35])
    there = recorded.one("there")
    assert there.kind is SpanKind.CONSUMER
    assert there.parent is not None
    assert f"{there.parent.span_id:016x}" == "b7ad6b7169203331"
    assert [f"{link.context.trace_id:032x}" for link in there.links] == ["f" * 32]


def test_a_parent_that_cannot_be_read_is_none(recorded: Recorded) -> None:
    with span("here"), span("there", parent="rubbish"):
        pass
    assert recorded.parents()["there"] == "here"


def test_one_begun_by_one_thread_is_ended_by_another(recorded: Recorded) -> None:
    begun = start_span("job")
    with activate_span(begun), span("part"):
        pass
    assert [each.name for each in recorded.spans] == ["part"]
    begun.end()
    assert recorded.parents() == {"part": "job", "job": None}


def test_a_failure_is_noted_by_its_code_and_goes_on(recorded: Recorded) -> None:
    with pytest.raises(PromptBlocked), span("screen"):
        raise PromptBlocked("the words that were found")
    screen = recorded.one("screen")
    assert screen.status.status_code is StatusCode.ERROR
    assert screen.status.description == "prompt_blocked"
    assert dict(screen.attributes or {}) == {"error.type": "prompt_blocked"}
    assert screen.events == ()


def test_an_unexpected_failure_is_noted_by_its_class(recorded: Recorded) -> None:
    with pytest.raises(ValueError), span("draw"):
        raise ValueError("a red boat")
    assert "boat" not in recorded.one("draw").to_json()
    assert recorded.one("draw").status.description == "ValueError"


def test_what_is_not_known_is_not_said(recorded: Recorded) -> None:
    with span("work", attributes={"known": 1, "unknown": None}) as begun:
        set_attributes(begun, {"later": "yes", "never": None})
    assert dict(recorded.one("work").attributes or {}) == {"known": 1, "later": "yes"}
