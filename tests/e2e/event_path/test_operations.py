"""What a job costs in operations of Cloud Storage and Pub/Sub: a budget that a change must not raise."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.operations import OperationMeter, billed, least, tasks
from local.client.api_client import PlantainClient
from tests.e2e.event_path.laptop import Laptop

BUDGET = {
    "generate": {"A": 14, "B": 7, "messages": 8},
    "edit": {"A": 14, "B": 11, "messages": 8},
}
ROUNDS = 20  # at most: the sweep comes in between, and a job that takes long writes its progress


@pytest.mark.parametrize("task", BUDGET)
def test_a_job_costs_its_budget_at_most(laptop: Laptop, task: str) -> None:
    meter = OperationMeter(laptop.control, laptop.settings)
    with PlantainClient(laptop.url) as plantain:
        _, made = meter.cost_of(plantain, {**tasks("")["generate"], "model": "mock"})
        request = {**tasks(plantain.job(made)["images"][0]["uri"])[task], "model": "mock"}
        found: list[Counter[str]] = []
        while len(found) < ROUNDS and not (found and _is_within(least(found), BUDGET[task])):
            found.append(billed(meter.cost_of(plantain, request)[0]))
    assert _is_within(least(found), BUDGET[task]), least(found)


def _is_within(cost: Counter[str], budget: dict[str, int]) -> bool:
    return all(cost[name] <= most for name, most in budget.items())
