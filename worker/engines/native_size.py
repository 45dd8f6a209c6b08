"""The size a model renders at, for the size that is wanted in the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

# How much a picture smaller than it might be weighs against one of another shape: a tenth of the area
# lost counts as much as a fortieth of the aspect ratio, since the upscaler can mend only the first.
_AREA_WEIGHT = 0.25


@dataclass(frozen=True)
class NativeSizes:
    """What sizes a model renders: up to ``area`` px² and ``side`` px, in multiples of ``multiple`` px."""

    area: int
    multiple: int
    side: int

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) closest in shape to the target, as large as the model and target allow."""
        area = min(self.area, max(width * height, self.multiple**2))
        sizes = [(w, h) for w in self._sides(area) for h in self._heights(w * height / width, area // w)]
        return min(sizes, key=lambda size: _distance(size, width / height, area))

    def _sides(self, area: int) -> range:
        """Every width that leaves room for a height."""
        return range(self.multiple, min(self.side, area // self.multiple) + 1, self.multiple)

    def _heights(self, ideal: float, most: int) -> set[int]:
        """The heights just below and above the ideal one, held between one multiple and the most allowed."""
        below = int(ideal / self.multiple)
        top = min(self.side, most) // self.multiple
        return {min(max(steps, 1), top) * self.multiple for steps in (below, below + 1)}


def _distance(size: tuple[int, int], ratio: float, area: int) -> float:
    width, height = size
    return abs(log(width / height / ratio)) + _AREA_WEIGHT * log(area / (width * height))
