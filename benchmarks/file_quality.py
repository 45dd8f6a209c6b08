"""``python -m benchmarks.file_quality``: measures down to which quality of a file the mark is read.

Photographs at delivered sizes are marked and encoded as a job does. For each format and requested quality it
prints how many have the requested quality, the best that others had to have, and the file's size beside that
of the usual quality. Every file that is delivered is decoded, and its mark read, once more. Exit status 1
when a delivered file has no mark.

``--photographs`` is how many of 42 are taken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

import cv2

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.watermarking.pictures import Picture, pictures
from benchmarks.watermarking.recovery import KEY
from functions.contract.formats import Format
from functions.contract.request import JobRequest
from worker.pictures.decode import decode_picture
from worker.pictures.encode import QUALITY, encode_picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.stages.file_quality import mark_for_file
from worker.watermark import Watermarker

QUALITIES = (75, 60, 45, 30, 20, 10, 1)
PAYLOAD = 0x0123456789ABCDEF


@dataclass(frozen=True)
class FileOutcome:
    """What became of one photograph. ``bytes`` is the file's length, ``seconds`` the time of the mark."""

    wanted: int
    used: int
    psnr: float
    bytes: int
    is_read: bool
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=int, default=14)
    parser.add_argument("--formats", nargs="+", choices=QUALITY, default=tuple(QUALITY))
    options = parser.parse_args()
    print(describe(), flush=True)
    cv2.setNumThreads(1)
    taken = list(pictures(options.photographs, 0, 0))
    lost = 0
    formats: Sequence[Format] = options.formats
    for name in formats:
        usual = [_deliver(picture, name, QUALITY[name]) for picture in taken]
        rows = [_row(usual, usual)]
        for quality in QUALITIES:
            outcomes = [_deliver(picture, name, quality) for picture in taken]
            lost += sum(not each.is_read for each in outcomes)
            rows.append(_row(outcomes, usual))
        lost += sum(not each.is_read for each in usual)
        head = (
            f"{name}, {len(taken)} photographs",
            "as asked",
            "used at most",
            "PSNR",
            "bytes",
            "ms",
            "lost",
        )
        print(table(head, rows), "\n", flush=True)
    return 1 if lost else 0


def _deliver(picture: Picture, name: Format, quality: int) -> FileOutcome:
    marker = Watermarker(KEY, 1)
    request = JobRequest(task="generate", prompt="a boat", format=name, quality=quality)
    began = time.perf_counter()
    marked, facts = mark_for_file(levels_to_floats(picture.levels), PAYLOAD, request, marker, "exact")
    seconds = time.perf_counter() - began
    assert facts is not None
    data = encode_picture(marked.rgb, name, quality=facts.used)
    found = marker.detect(decode_picture(data).rgb).payload
    return FileOutcome(quality, facts.used, marked.psnr, len(data), found == PAYLOAD, seconds)


def _row(outcomes: Sequence[FileOutcome], usual: Sequence[FileOutcome]) -> tuple[str, ...]:
    kept = sum(each.used == each.wanted for each in outcomes)
    shares = [each.bytes / other.bytes for each, other in zip(outcomes, usual, strict=True)]
    return (
        f"quality {outcomes[0].wanted}",
        f"{kept} of {len(outcomes)}",
        str(max(each.used for each in outcomes)),
        f"{fmean(each.psnr for each in outcomes):.1f} dB",
        f"{100 * fmean(shares):.0f} %",
        f"{1_000 * median(each.seconds for each in outcomes):.0f}",
        str(sum(not each.is_read for each in outcomes)),
    )


if __name__ == "__main__":
    sys.exit(main())
