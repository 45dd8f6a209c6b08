"""``python -m benchmarks.autoscaling``: how long jobs wait, and what idle workers cost.

It simulates a day second by second: jobs arrive by a curve, workers draw them one after the other, and once a
minute the autoscaler sets their number as terraform/autoscaler.tf says. No stack runs. The curves are made
up; ``--arrivals FILE`` takes your own, a JSON array with the seconds of a day at which jobs came.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.autoscaler import DAY, DayResult, Policy, Workload, simulate_day
from benchmarks.figures import percentile, table

CURVES: dict[str, Callable[[float], float]] = {
    "steady": lambda _: 0.2,
    "bursts": lambda second: 2.0 if second % 7200 < 120 else 0.01,
    "diurnal": lambda second: 0.25 * (1 - math.cos(2 * math.pi * second / DAY)),
}
"""Jobs a second, by the second of the day: as many each hour; 240 jobs in two minutes of each two hours; a
night without any, and half a job a second at noon.
"""


def main() -> int:
    arguments = _arguments()
    workload = Workload(arguments.seconds, arguments.cold_start)
    policies = _policies(arguments)
    curves = {name: draw_arrivals(rate, arguments.seed) for name, rate in CURVES.items()}
    if arguments.arrivals:
        curves = {arguments.arrivals.name: sorted(json.loads(arguments.arrivals.read_text()))}
    rows = [
        (f"{curve}: {len(arrivals):,} jobs", name, *_cells(simulate_day(arrivals, workload, policy), policy))
        for curve, arrivals in curves.items()
        for name, policy in policies.items()
    ]
    head = ("arrivals", "policy", "wait p50", "p95", "p99", "worker hours", "idle", "a thousand jobs")
    print(f"{arguments.seconds:g} s a job, {arguments.cold_start:g} s a cold start, seed {arguments.seed}")
    print(table(head, rows))
    return 0


def draw_arrivals(rate: Callable[[float], float], seed: int) -> list[float]:
    """Returns the seconds of a day at which jobs come: a Poisson process with ``rate`` jobs a second."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson([rate(second) for second in range(DAY)])
    return sorted(float(second + part) for second, n in enumerate(counts) for part in rng.random(int(n)))


def _policies(arguments: argparse.Namespace) -> dict[str, Policy]:
    most, backlog, price = arguments.max, arguments.backlog, arguments.price
    return {
        "scale to zero": Policy(0, most, backlog, price),
        "one warm worker": Policy(1, most, backlog, price),
        "warm pool": Policy(math.ceil(most / 2), most, backlog, price),
        "spot": Policy(0, most, backlog, price * arguments.spot_price, arguments.preemptions),
    }


def _cells(result: DayResult, policy: Policy) -> Sequence[str]:
    hours = result.worker_seconds / 3600
    waits = [f"{percentile(result.waits, n):.0f} s" for n in (50, 95, 99)]
    cost = 1000 * hours * policy.price / len(result.waits)
    return (*waits, f"{hours:.1f}", f"{result.idle_share:.0%}", f"{cost:.2f} $")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="that a worker draws a job")
    parser.add_argument(
        "--cold-start", type=float, default=90.0, help="seconds from a start to the first job"
    )
    parser.add_argument("--max", type=int, default=10, help="worker_max_instances")
    parser.add_argument("--backlog", type=int, default=5, help="backlog_per_worker")
    parser.add_argument("--price", type=float, default=1.0, help="dollars of a worker's hour")
    parser.add_argument("--spot-price", type=float, default=0.4, help="of the price, for a spot machine")
    parser.add_argument("--preemptions", type=float, default=0.05, help="of a spot machine, an hour")
    parser.add_argument("--arrivals", type=Path, help="a JSON array of seconds")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
