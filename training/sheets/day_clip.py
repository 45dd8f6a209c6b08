"""``python -m training.sheets.day_clip`` draws a thing at four times of day, and blends each into the next.

The starter draws no clips. The four pictures are one of its sequences; what is between two is blended, and
nothing moves.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, pi
from pathlib import Path

import numpy as np
from PIL import Image

from worker.engines.protocol import Picture
from worker.offline.build_pipelines import build_unmarked_pipeline
from worker.scene_vocabulary.lights import LIGHT_PHRASES

WIDTH, HEIGHT = 400, 240
HELD, BLENDED = 1_100, 70
"""Milliseconds for which a picture stands, and for which each frame between two pictures is shown."""
BETWEEN = 12
"""Frames between two pictures."""
_TIMES = ("day", "sunset", "night", "dawn")


def blend_pictures_in_turn(pictures: Sequence[Picture]) -> Iterator[tuple[Picture, int]]:
    """Yields the frames of a clip that repeats, each with its milliseconds. Pictures are floats, 0 to 1."""
    for one, other in pairwise([*pictures, pictures[0]]):
        yield one, HELD
        for n in range(1, BETWEEN + 1):
            share = (1 - cos(pi * n / (BETWEEN + 1))) / 2
            yield (one * (1 - share) + other * share).astype(np.float32), BLENDED


def write_webp(frames: Sequence[tuple[Picture, int]], out: Path) -> None:
    """Writes an animated WebP that repeats."""
    images = [
        Image.fromarray((np.asarray(frame) * 255).round().clip(0, 255).astype(np.uint8))
        for frame, _ in frames
    ]
    images[0].save(
        out,
        save_all=True,
        append_images=images[1:],
        duration=[shown for _, shown in frames],
        loop=0,
        quality=82,
        method=6,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/day.webp"))
    parser.add_argument("--subject", default="a red boat")
    parser.add_argument("--place", default="on the sea")
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    prompts = [f"{asked.place} {LIGHT_PHRASES[time][0]}" for time in _TIMES]
    drawn = build_unmarked_pipeline().draw(
        asked.seed, width=WIDTH, height=HEIGHT, task="sequence", prompt=asked.subject, prompts=prompts
    )
    write_webp(list(blend_pictures_in_turn(drawn.last)), asked.out)


if __name__ == "__main__":
    main()
