"""``python -m benchmarks.peers PYTHON``: one model function behind a bare loop, cog, LitServe and Plantain.

``PYTHON`` is the interpreter of an environment with ``benchmarks/peers/requirements.txt``. The model function
is the mock engine, which takes a second for a picture. Three things are measured: the share of what the model
alone makes while several callers ask; what one picture takes beside the second; and what becomes of requests
when all processes of a server are killed in the middle, and it is started again.

A minute and a half for each side; in four minutes, on a machine that does nothing else:
``--speed-only --sides 512 2048 --jobs 12 --alone 6``.

cog and LitServe answer with a plain PNG. Plantain also keeps a record, marks, proves and signs the picture,
and stores it with a manifest.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from benchmarks.peers.contenders import BareLoop, Contender, Lost, ModelServer, Plantain


def main() -> int:
    options = _options()
    print(describe(), "\n", flush=True)
    peers: list[Contender] = [
        BareLoop(),
        ModelServer("cog", options.python),
        ModelServer("LitServe", options.python),
        Plantain(),
    ]
    rows: list[tuple[str, ...]] = []
    for peer in peers:
        peer.start()
        try:
            rows += [(peer.name, str(side), *_measure(peer, side, options)) for side in options.sides]
        finally:
            peer.kill()
    speed = ("", "side", "pictures a second", "of the model alone", "overhead p50", "p95")
    print(table(speed, rows), "\n", flush=True)
    if options.speed_only:
        return 0
    killed = ("", "requests", "answered", "taken, then lost")
    print(table(killed, [(peer.name, *measure_kill(peer, options)) for peer in peers[1:]]))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, metavar="PYTHON")
    parser.add_argument("--seconds", type=float, default=1.0, help="that the model takes for a picture")
    parser.add_argument("--sides", type=int, nargs="+", default=(512, 1024, 2048))
    parser.add_argument("--callers", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=20, help="pictures of all callers")
    parser.add_argument("--alone", type=int, default=10, help="pictures of one caller, for the overhead")
    parser.add_argument("--speed-only", action="store_true", help="kill no server")
    parser.add_argument("--kill-jobs", type=int, default=100, help="a server is killed at the half of them")
    parser.add_argument("--kill-seconds", type=float, default=0.1, help="for a picture of these")
    return parser.parse_args()


def _measure(peer: Contender, side: int, options: argparse.Namespace) -> tuple[str, ...]:
    """Returns the cells of a line. Seeds differ, so that no server answers from what it has made before."""
    peer.draw(0, side, options.seconds)
    alone = [_seconds_of(peer, 1 + n, side, options.seconds) for n in range(options.alone)]
    overheads = [(seconds - options.seconds) * 1_000 for seconds in alone]
    first = 1 + options.alone
    ends = _draw_all(peer, range(first, first + options.jobs), side, options)
    each = (ends[-1] - ends[0]) / (options.jobs - 1)
    overhead = (f"{percentile(overheads, n):.0f} ms" for n in (50, 95))
    return f"{1 / each:.2f}", f"{options.seconds / each:.0%}", *overhead


def _seconds_of(peer: Contender, seed: int, side: int, seconds: float) -> float:
    began = time.perf_counter()
    peer.draw(seed, side, seconds)
    return time.perf_counter() - began


def _draw_all(peer: Contender, seeds: Sequence[int], side: int, options: argparse.Namespace) -> list[float]:
    """Returns the moments at which the callers got their pictures, in order."""

    def draw(seed: int) -> float:
        peer.draw(seed, side, options.seconds)
        return time.perf_counter()

    with ThreadPoolExecutor(options.callers) as callers:
        return sorted(callers.map(draw, seeds))


def measure_kill(peer: Contender, options: argparse.Namespace) -> tuple[str, ...]:
    """Kills the server once half of the pictures are there, starts it again, and counts what callers get."""
    answered, lost = list[int](), list[int]()
    is_half = threading.Event()

    def draw(seed: int) -> None:
        try:
            peer.draw(seed, 512, options.kill_seconds)
            answered.append(seed)
        except Lost:
            lost.append(seed)
        if len(answered) >= options.kill_jobs // 2:
            is_half.set()

    peer.start()
    try:
        with ThreadPoolExecutor(options.callers) as callers:
            jobs = [callers.submit(draw, 10_000 + n) for n in range(options.kill_jobs)]
            is_half.wait()
            peer.kill()
            peer.start()
            for job in jobs:
                job.result()
    finally:
        peer.kill()
    return str(options.kill_jobs), str(len(answered)), str(len(lost))


if __name__ == "__main__":
    sys.exit(main())
