"""The native size: the size at which a model draws for a wanted size."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

# Weighs a smaller area against another shape: a tenth of the area lost counts as much as a fortieth of the
# aspect ratio, because the upscaler can make up only for the first.
_AREA_WEIGHT = 0.25


@dataclass(frozen=True)
class NativeSizes:
    """The sizes that a model draws: up to ``area`` px² and ``side`` px, in multiples of ``multiple`` px."""

    area: int
    multiple: int
    side: int

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """Returns the (width, height) closest in shape to the target, as large as model and target allow."""
        area = min(self.area, max(width * height, self.multiple**2))
        sizes = [(w, h) for w in self._widths(area) for h in self._heights(w * height / width, area // w)]
        return min(sizes, key=lambda size: _distance(size, width / height, area))

    def _widths(self, area: int) -> range:
        """Returns every width that leaves room for a height."""
        return range(self.multiple, min(self.side, area // self.multiple) + 1, self.multiple)

    def _heights(self, ideal: float, most: int) -> set[int]:
        """Returns the heights just below and above the ideal one, within what is allowed."""
        below = int(ideal / self.multiple)
        top = min(self.side, most) // self.multiple
        return {min(max(steps, 1), top) * self.multiple for steps in (below, below + 1)}


def _distance(size: tuple[int, int], ratio: float, area: int) -> float:
    width, height = size
    return abs(log(width / height / ratio)) + _AREA_WEIGHT * log(area / (width * height))
