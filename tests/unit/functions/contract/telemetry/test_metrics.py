"""The numbers are made of the log's lines, here and in terraform/monitoring.tf: the two count the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from functions.contract.telemetry.metrics import INSTRUMENTS, LogMetrics

TERRAFORM = (Path(__file__).parents[5] / "terraform" / "monitoring.tf").read_text()
COUNTER = re.compile(r"^\s+\w+\s*= \{ events = \[([^\]]*)\], labels = \[([^\]]*)\]", re.MULTILINE)
DISTRIBUTION = re.compile(r'^\s+\w+\s*= \{ event = "([^"]+)", field = "([^"]+)"', re.MULTILINE)


def heard(*lines: tuple[str, dict[str, object]]) -> dict[str, list[object]]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    numbers = LogMetrics(provider.get_meter("test"))
    for event, facts in lines:
        numbers.hear(event, facts)
    data = reader.get_metrics_data()
    return {
        metric.name: list(metric.data.data_points)
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r'"([^"]+)"', text))


def test_what_terraform_counts_is_counted_here() -> None:
    theirs = {
        (frozenset(words(events)), frozenset(words(labels))) for events, labels in COUNTER.findall(TERRAFORM)
    }
    ours = {
        (
            frozenset(each.events),
            frozenset(each.labels) - {"task"} if "state" in each.labels else frozenset(each.labels),
        )
        for each in INSTRUMENTS
        if each.field is None
    }
    assert theirs
    assert theirs == ours


def test_what_terraform_distributes_is_distributed_here() -> None:
    theirs = set(DISTRIBUTION.findall(TERRAFORM))
    assert theirs
    assert theirs == {(each.events[0], each.field) for each in INSTRUMENTS if each.field is not None}


def test_names_are_given_once() -> None:
    assert len({each.name for each in INSTRUMENTS}) == len(INSTRUMENTS)


def test_a_line_that_is_not_counted_is_nothing() -> None:
    assert heard(("checkpoint.not_kept", {"code": "transient"})) == {}


def test_a_number_that_is_not_known_is_left_out() -> None:
    """A processor has no GPU's memory to tell of."""
    found = heard(("engine.done", {"model": "starter", "pictures": 2, "memory_bytes": None}))
    assert set(found) == {"plantain.engine.batch"}


@pytest.mark.parametrize("milliseconds", [1_500])
def test_units_are_opentelemetrys(milliseconds: int) -> None:
    (point,) = heard(("worker.ready", {"cold_start_ms": milliseconds}))["plantain.cold_start"]
    assert point.sum == 1.5  # pyright: ignore[reportAttributeAccessIssue]
