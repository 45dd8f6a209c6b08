"""``python -m benchmarks.watermark``: measures what the mark survives, beside two other schemes, and what it
costs.

``--full`` takes all pictures and 20,000 unmarked patches, in about an hour; without it a few of each. The
other two schemes are compared where they are installed: ``pip install --no-deps -r
benchmarks/requirements.txt``. ``--held-out`` takes framings that were not used for tuning, and ``--rows``
only some of the attacks. Exit status 1 when a row, a time or a claim misses its target.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from statistics import fmean, median

import cv2

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.watermarking.attacks import ATTACKS
from benchmarks.watermarking.other_schemes import rivals
from benchmarks.watermarking.pictures import Picture, held_out, pictures
from benchmarks.watermarking.recovery import OURS, RecoveryOutcome, ours, theirs
from benchmarks.watermarking.timings import OperationTiming, timings
from benchmarks.watermarking.unmarked_patches import SEARCHED, find_false_claims
from worker.watermark.detector import FALSE_POSITIVE, READINGS

LEAST_SSIM, MOST_FALSE = 0.98, 1e-6
MOST_SEEN = 1.1  # of what the eye can just see
CHUNK = 50  # patches


def main() -> int:
    arguments = _arguments()
    print(describe(), flush=True)
    others = [] if arguments.alone else rivals()
    print(f"compared with: {', '.join(each.name for each in others) or 'none'}\n")
    # Before they start: a matrix product on two cores waits for itself, and that is the processor's time too.
    os.environ["OMP_NUM_THREADS"] = "1"
    # Spawned: a fork of a process that has drawn with torch hangs.
    spawned = get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, spawned, initializer=_one_core) as pool:
        missed = [] if arguments.untimed else _timed(pool.submit(timings).result())
        marked = _mark_pictures(arguments.full, arguments.held_out)
        numbers = range(len(marked))
        outcomes = list(pool.map(partial(ours, rows=arguments.rows), numbers, marked))
        if others:
            outcomes += [each for some in pool.map(_compared, numbers, marked) for each in some]
        missed += _recovered(outcomes, arguments.rows)
        default = 20_000 if arguments.full else 200
        count = default if arguments.unmarked is None else arguments.unmarked
        starts = range(0, count, CHUNK)
        found = [n for some in pool.map(find_false_claims, starts, [CHUNK] * len(starts)) for n in some]
        missed += _claimed(count, found)
    for line in missed:
        print("MISSED", line)
    return 1 if missed else 0


def _mark_pictures(full: bool, other: bool) -> list[Picture]:
    if other:
        return list(held_out(*((42, 22) if full else (14, 4))))
    return list(pictures(*((42, 12, 10) if full else (14, 3, 1))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--unmarked", type=int, help="patches to look for marks in")
    parser.add_argument("--held-out", action="store_true", help="other framings and scenes")
    parser.add_argument("--rows", nargs="+", choices=ATTACKS, default=tuple(ATTACKS), metavar="ROW")
    parser.add_argument("--alone", action="store_true", help="without the two others")
    parser.add_argument("--untimed", action="store_true", help="without timings")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _one_core() -> None:
    cv2.setNumThreads(1)


def _compared(n: int, picture: Picture) -> list[RecoveryOutcome]:
    return theirs(n, picture, rivals())


def _timed(measured: Sequence[OperationTiming]) -> list[str]:
    rows = [(name, f"{took:.0f} ms", f"{most} ms" if most else "–") for name, took, most in measured]
    print(table(("one core, processor time", "median", "target"), rows), "\n", flush=True)
    return [f"{name}: {took:.0f} ms" for name, took, most in measured if most and took > most]


def _recovered(outcomes: Sequence[RecoveryOutcome], attacked: Sequence[str]) -> list[str]:
    """Prints the table of attacks and the lines below it; returns what misses its target."""
    by_system = {name: [each for each in outcomes if each.system == name] for name in _systems(outcomes)}
    rows = [
        (name, *(_percent(some, name) for some in by_system.values()), f"≥ {wanted} %" if wanted else "–")
        for name, (_, wanted) in ATTACKS.items()
        if name in attacked
    ]
    quality = [
        ("PSNR, mean (least)", *(_mean_least([e.psnr for e in some], 2) for some in by_system.values()), "–"),
        ("SSIM, mean (least)", *(_mean_least([e.ssim for e in some], 4) for some in by_system.values()), "–"),
    ]
    quality += [
        (
            "seen anywhere, median (most)",
            *(_median_most([e.seen.anywhere for e in some]) for some in by_system.values()),
            "–",
        ),
        (
            "seen in dark flats, median (most)",
            *(_median_most([e.seen.in_the_dark for e in some]) for some in by_system.values()),
            f"{MOST_SEEN:.1f}",
        ),
    ]
    mine = by_system[OURS]
    kinds = ", ".join(f"{n} {kind}s" for kind, n in Counter(each.kind for each in mine).items())
    print(table((f"exact recovery, {len(mine)} pictures", *by_system, "target"), [*rows, *quality]), "\n")
    strengths = sorted(Counter(each.strength for each in mine).items(), key=lambda each: -(each[0] or 0))
    print(f"pictures: {kinds}; " + ", ".join(f"{n} marked at {strength} dB" for strength, n in strengths))
    for name in attacked:
        if lost := [each.picture for each in mine if not each.read[name]]:
            print(f"not read, {name}: {'; '.join(lost)}")
    wrong = [f"another payload claimed: {each.picture}, {each.wrong}" for each in mine if each.wrong]
    return wrong + _broken(mine, attacked)


def _systems(outcomes: Sequence[RecoveryOutcome]) -> list[str]:
    return list(dict.fromkeys(each.system for each in outcomes))


def _percent(outcomes: Sequence[RecoveryOutcome], attack: str) -> str:
    return f"{100 * fmean(each.read[attack] for each in outcomes):.1f} %"


def _mean_least(values: Sequence[float], digits: int) -> str:
    return f"{fmean(values):.{digits}f} ({min(values):.{digits}f})"


def _median_most(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.2f} ({max(known):.2f})" if known else "–"


def _broken(mine: Sequence[RecoveryOutcome], attacked: Sequence[str]) -> list[str]:
    """Returns a line for each target that these outcomes miss."""
    shares = {name: 100 * fmean(each.read[name] for each in mine) for name in attacked}
    rows = [
        f"{name}: {shares[name]:.1f} %"
        for name, (_, wanted) in ATTACKS.items()
        if wanted and shares.get(name, 100) < wanted
    ]
    similar = fmean(each.ssim for each in mine)
    seen = [f"seen in the dark: {each.picture}" for each in mine if (each.seen.in_the_dark or 0) > MOST_SEEN]
    return rows + seen + ([f"SSIM {similar:.4f}"] if similar < LEAST_SSIM else [])


def _claimed(count: int, found: Sequence[int]) -> list[str]:
    chance = f"{READINGS} / 2³² = {FALSE_POSITIVE:.1e} (target: below {MOST_FALSE:.0e})"
    print(f"\nunmarked patches: {len(found)} claims in {count}; one in {SEARCHED} searched in every geometry")
    print(f"by calculation: of the codewords that a picture is tried for, one passes by chance: {chance}")
    claimed = [f"marks claimed in unmarked patches {list(found)}"] if found else []
    return claimed + ([f"false positives {FALSE_POSITIVE:.1e}"] if FALSE_POSITIVE >= MOST_FALSE else [])


if __name__ == "__main__":
    sys.exit(main())
