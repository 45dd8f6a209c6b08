"""The simulated day: no job is lost, and waits and costs follow from the policy."""

from __future__ import annotations

import pytest

from benchmarks.autoscaler import LOOK, Policy, Workload, simulate_day
from benchmarks.autoscaling import draw_arrivals

WORKLOAD = Workload(job=6, cold_start=90)
HOURLY = [3600.0 * n for n in range(20)]


def test_a_warm_worker_draws_a_lonely_job_at_once_and_idles_the_rest() -> None:
    found = simulate_day(HOURLY, WORKLOAD, Policy(1, 1, 5, 1.0))
    assert found.waits == [0.0] * len(HOURLY)
    assert found.worker_seconds == pytest.approx(86_400, rel=0.01)
    assert found.idle_share == pytest.approx(1 - len(HOURLY) * 6 / 86_400, abs=0.001)


def test_without_warm_workers_a_job_waits_for_the_autoscaler_and_a_cold_start() -> None:
    found = simulate_day(HOURLY, WORKLOAD, Policy(0, 3, 5, 1.0))
    assert len(found.waits) == len(HOURLY)
    assert min(found.waits) >= LOOK + WORKLOAD.cold_start
    assert found.worker_seconds < 86_400 / 3


def test_two_jobs_of_one_worker_follow_each_other() -> None:
    found = simulate_day([100.0, 100.0, 101.0], WORKLOAD, Policy(1, 1, 5, 1.0))
    assert found.waits == [0.0, 6.0, 11.0]


def test_a_backlog_brings_as_many_workers_as_the_policy_allows() -> None:
    crowd = [100.0] * 600
    alone, many = (simulate_day(crowd, WORKLOAD, Policy(1, most, 5, 1.0)) for most in (1, 10))
    assert max(alone.waits) == 599 * 6
    assert max(many.waits) < max(alone.waits) / 4


def test_machines_that_are_taken_away_lose_no_job() -> None:
    arrivals = draw_arrivals(lambda second: 0.05, seed=1)
    found = simulate_day(arrivals, WORKLOAD, Policy(1, 5, 5, 1.0, preemptions=20))
    assert len(found.waits) == len(arrivals)
    assert found.busy_seconds == 6 * len(arrivals)


def test_the_same_seed_draws_the_same_day() -> None:
    assert draw_arrivals(lambda second: 0.1, 3) == draw_arrivals(lambda second: 0.1, 3)
