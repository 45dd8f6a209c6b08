"""How many pictures a pass may draw, by their size: measured when the worker starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.contract.errors import OutOfMemory

LEAST_GAIN = 1.1  # in pictures a second, for which a pass is made twice as large


@dataclass(frozen=True)
class PassPoint:
    """The largest pass that gained, for pictures of ``pixels`` px². ``picture_bytes``: what each takes in it.

    ``picture_bytes`` is 0 where a device's memory is not measured.
    """

    pixels: int
    pictures: int
    picture_bytes: int = 0


@dataclass(frozen=True)
class PassLimits:
    """The profile of one model: its points, from the fewest pixels to the most. Without points it is 1.

    ``takes_images``: pictures that are drawn from images of their own may share a pass too.
    """

    points: tuple[PassPoint, ...] = ()
    takes_images: bool = False

    @property
    def most(self) -> int:
        """Returns the largest pass at any size."""
        return max((point.pictures for point in self.points), default=1)

    def limit(self, pixels: int, free_bytes: int | None = None) -> int:
        """Returns how many pictures of ``pixels`` px² may share a pass.

        That is the next larger point's number. Beyond the largest one, as many as have no more pixels
        together than its pass has. ``free_bytes``: the device's memory that is free now; None: not looked at.
        """
        point = next((each for each in self.points if each.pixels >= pixels), None)
        if point is None:
            point = self.points[-1] if self.points else PassPoint(pixels, 1)
        share = min(1.0, point.pixels / pixels)
        found = int(point.pictures * share)
        if free_bytes is not None and point.picture_bytes:
            found = min(found, int(free_bytes * share) // point.picture_bytes)
        return max(1, found)


@dataclass(frozen=True)
class Trial:
    """One measured pass: its seconds, and the bytes that it took of the device's memory (0: not measured)."""

    seconds: float
    bytes: int = 0


def profile_size(
    draw: Callable[[int], Trial], pixels: int, most: int, free_bytes: Callable[[], int | None]
) -> PassPoint:
    """Returns the point of one size. ``draw(n)`` draws ``n`` pictures in one pass.

    Passes of 1, 2, 4 … pictures are tried, as long as each makes at least ``LEAST_GAIN`` times as many
    pictures a second as the one before, and the next one's bytes are free.
    """
    pictures, trial = 1, draw(1)
    while pictures * 2 <= most:
        free = free_bytes()
        if free is not None and 2 * trial.bytes > free:
            break
        try:
            larger = draw(pictures * 2)
        except OutOfMemory:
            break
        if 2 * trial.seconds < LEAST_GAIN * larger.seconds:
            break
        pictures, trial = pictures * 2, larger
    return PassPoint(pixels, pictures, trial.bytes // pictures)


def profile_sizes(
    draw: Callable[[int, int], Trial],
    sides: Sequence[int],
    most: int,
    free_bytes: Callable[[], int | None] = lambda: None,
) -> tuple[PassPoint, ...]:
    """Returns the points of squares of these sides, in px. ``draw(side, n)`` draws ``n`` of one side."""

    def point(side: int) -> PassPoint:
        return profile_size(lambda n: draw(side, n), side * side, most, free_bytes)

    return tuple(point(side) for side in sorted(set(sides)))
