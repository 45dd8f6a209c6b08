"""``python -m benchmarks.imports``: measures how long each function takes to load, as in a cold start.

A fresh interpreter for each run loads functions/main.py through functions-framework; the median is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median

from benchmarks.figures import table
from benchmarks.machine import describe

TARGET_SECONDS = 1.2
ENTRY_POINTS = ("api", "uploads", "dispatch", "notify", "dead_letter", "sweep")
PROGRAM = """
from time import perf_counter
began = perf_counter()
from functions_framework import create_app
create_app({entry_point!r}, "functions/main.py")
print(perf_counter() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print(describe(), flush=True)
    took = {entry_point: load_seconds(entry_point, runs) for entry_point in ENTRY_POINTS}
    rows = [(name, f"{each:.2f}", f"{TARGET_SECONDS}") for name, each in took.items()]
    print(table(("function", "seconds", "target"), rows))
    if max(took.values()) > TARGET_SECONDS:
        sys.exit(1)


def load_seconds(entry_point: str, runs: int) -> float:
    command = [sys.executable, "-c", PROGRAM.format(entry_point=entry_point)]
    return median(float(subprocess.check_output(command)) for _ in range(runs))


if __name__ == "__main__":
    main()
