"""Marks one picture and applies every attack to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from skimage.metrics import structural_similarity

from benchmarks.watermarking.attacks import ATTACKS
from benchmarks.watermarking.other_schemes import Rival
from benchmarks.watermarking.pictures import Picture
from worker.pictures.pixel_levels import Levels, levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.visibility import Visibility, measure_visibility

KEY = bytes(range(32))
OURS = "plantain-1"


@dataclass(frozen=True)
class RecoveryOutcome:
    """The result of one picture with one watermark.

    ``read``: by attack, whether the exact payload was read; ``wrong``: the attacks after which another
    payload was claimed; ``strength``: the decibels of the mark, None where the scheme has no choice;
    ``seen``: how far the mark is above the visibility threshold, anywhere and in dark flats.
    """

    system: str
    picture: str
    kind: str
    psnr: float
    ssim: float
    strength: float | None
    seen: Visibility
    read: dict[str, bool]
    wrong: tuple[str, ...]


def ours(n: int, picture: Picture, rows: Sequence[str] = tuple(ATTACKS)) -> RecoveryOutcome:
    """Marks a picture as a job does, with the strength that its own read-back chooses.

    ``rows``: the attacks that are applied.
    """
    marker = Watermarker(KEY, 1)
    marked = marker.mark(levels_to_floats(picture.levels), payload(n))

    def detect(levels: Levels) -> int | None:
        return marker.detect(levels_to_floats(levels)).payload

    return _outcome(OURS, n, picture, quantize(marked.rgb, 8), detect, marked.psnr, rows)


def theirs(n: int, picture: Picture, rivals: Sequence[Rival]) -> list[RecoveryOutcome]:
    return [
        _outcome(rival.name, n, picture, rival.embed(picture.levels, payload(n)), rival.detect, strength=None)
        for rival in rivals
    ]


def payload(n: int) -> int:
    return int.from_bytes(np.random.default_rng(n).bytes(8))


def _outcome(
    system: str,
    n: int,
    picture: Picture,
    marked: Levels,
    detect: Callable[[Levels], int | None],
    strength: float | None,
    rows: Sequence[str] = tuple(ATTACKS),
) -> RecoveryOutcome:
    found = {
        name: detect(attack(marked, np.random.default_rng([n, row])))
        for row, (name, (attack, _)) in enumerate(ATTACKS.items())
        if name in rows
    }
    return RecoveryOutcome(
        system=system,
        picture=picture.name,
        kind=picture.kind,
        psnr=decibels(picture.levels, marked),
        ssim=similarity(picture.levels, marked),
        strength=strength,
        seen=measure_visibility(picture.levels, marked),
        read={name: value == payload(n) for name, value in found.items()},
        wrong=tuple(name for name, value in found.items() if value not in (None, payload(n))),
    )


def decibels(one: Levels, other: Levels) -> float:
    return float(10 * np.log10(255**2 / np.mean(np.square(one.astype(np.float64) - other))))


def similarity(one: Levels, other: Levels) -> float:
    """Returns the SSIM, averaged over the channels (Wang et al., 2004)."""
    found: Any = structural_similarity(one, other, channel_axis=2)
    return float(found)
