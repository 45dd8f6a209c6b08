"""A day of jobs, workers and the autoscaler of terraform/autoscaler.tf, simulated second by second."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

DAY = 86_400
LOOK = 60  # seconds between two looks of the autoscaler
LATEST = 240  # seconds after which Cloud Monitoring shows how many messages wait, at most
STAYS = 300  # seconds that the largest wish of the autoscaler counts: `stabilizationWindowSeconds`


@dataclass(frozen=True)
class Workload:
    """What a worker needs, in seconds."""

    job: float  # that it draws one
    cold_start: float  # from its start to its first job


@dataclass(frozen=True)
class Policy:
    """How the workers are scaled, and what one costs."""

    least: int
    most: int
    backlog: int  # jobs for each worker before another one is started
    price: float  # dollars an hour
    preemptions: float = 0.0  # that a worker has an hour


@dataclass
class DayResult:
    """What came of a day."""

    waits: list[float] = field(
        default_factory=list[float]
    )  # seconds of each job from its arrival to its start
    worker_seconds: float = 0.0
    busy_seconds: float = 0.0

    @property
    def idle_share(self) -> float:
        """Returns the share of the workers' time in which they drew nothing."""
        return 1 - self.busy_seconds / self.worker_seconds if self.worker_seconds else 0.0


@dataclass
class _Worker:
    ready: float  # second from which it takes jobs
    begun: float = 0.0  # second at which it began its job
    arrival: float | None = None  # of the job that it draws


class _Autoscaler:
    """Asks once a minute for a worker for each ``backlog`` jobs that wait or are drawn, as it sees them."""

    def __init__(self, policy: Policy, rng: Random) -> None:
        self._policy, self._rng = policy, rng
        self._seen: deque[tuple[int, int]] = deque()  # second at which a number is shown, and the number
        self._wishes: deque[tuple[int, int]] = deque()
        self._shown = 0

    def wanted(self, second: int, open_jobs: int) -> int:
        """Returns how many workers are to run from now on."""
        self._seen.append((second + self._rng.randint(LOOK, LATEST), open_jobs))
        while self._seen and self._seen[0][0] <= second:
            self._shown = self._seen.popleft()[1]
        wish = math.ceil(self._shown / self._policy.backlog)
        self._wishes.append((second, min(max(wish, self._policy.least), self._policy.most)))
        while self._wishes[0][0] < second - STAYS:
            self._wishes.popleft()
        return max(wish for _, wish in self._wishes)


def simulate_day(arrivals: Sequence[float], workload: Workload, policy: Policy, seed: int = 0) -> DayResult:
    """Returns what becomes of jobs that come at these seconds. The day goes on until all are done."""
    rng, result = Random(seed), DayResult()
    autoscaler = _Autoscaler(policy, rng)
    waiting: deque[float] = deque()
    workers = [_Worker(0.0) for _ in range(policy.least)]
    coming, second = deque(arrivals), 0
    while coming or waiting or any(worker.arrival is not None for worker in workers) or second < DAY:
        while coming and coming[0] <= second:
            waiting.append(coming.popleft())
        _preempt(workers, waiting, policy, rng)
        _draw(workers, waiting, second, workload, result)
        if second % LOOK == 0:
            drawn = sum(worker.arrival is not None for worker in workers)
            _scale(workers, autoscaler.wanted(second, len(waiting) + drawn), second, workload)
        result.worker_seconds += len(workers)
        second += 1
    return result


def _draw(
    workers: list[_Worker], waiting: deque[float], second: int, workload: Workload, result: DayResult
) -> None:
    """Ends the jobs that are due, and gives the next ones to workers that are free. A worker that ends a job
    within the second goes on at once, so that no time is lost to the simulation's own steps.
    """
    for worker in workers:
        free = worker.ready if worker.arrival is None else worker.begun + workload.job
        while free <= second:
            if worker.arrival is not None:
                result.waits.append(worker.begun - worker.arrival)
                result.busy_seconds += workload.job
                worker.arrival = None
            if not waiting:
                break
            worker.arrival = waiting.popleft()
            worker.begun = max(free, worker.arrival)
            free = worker.begun + workload.job


def _preempt(workers: list[_Worker], waiting: deque[float], policy: Policy, rng: Random) -> None:
    """Takes spot machines away; the job of one is drawn from its beginning by another."""
    for worker in list(workers):
        if policy.preemptions and rng.random() < policy.preemptions / 3600:
            workers.remove(worker)
            if worker.arrival is not None:
                waiting.appendleft(worker.arrival)


def _scale(workers: list[_Worker], wanted: int, second: int, workload: Workload) -> None:
    """Starts workers, or stops some that draw nothing: one that draws ends its job first."""
    for _ in range(wanted - len(workers)):
        workers.append(_Worker(second + workload.cold_start))
    idle = [worker for worker in workers if worker.arrival is None]
    for worker in idle[: max(0, len(workers) - wanted)]:
        workers.remove(worker)
