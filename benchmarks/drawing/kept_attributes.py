"""The attributes of a figure that a picture keeps of the picture that it follows."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from benchmarks.drawing.figure_judge import SeenFigure
from benchmarks.drawing.shares import Share

IDENTITY = ("subject", "colour", "hair", "hair style", "outfit", "hat")
GEOMETRY = ("size", "proportions")
LIGHT = ("light around", "light on the figure", "shade")
ATTRIBUTES = (*IDENTITY, *GEOMETRY, *LIGHT)
FIGURINES_ALONE = frozenset({"hair", "hair style", "outfit", "hat"})

MOST_GROWN = log(1.16)
MOST_STRETCHED = log(1.09)
MOST_SHADE = 0.07
"""The largest differences that count as the same: of the figure's area, of its width to its height, and of
the slope of its brightness."""

Kept = dict[str, bool]
"""Each attribute that the figure has, and whether it was kept."""


def compare_figures(followed: SeenFigure, seen: SeenFigure, asked_light: str) -> Kept:
    """Compares a picture's figure with the one that it follows, and its light with the one asked for."""
    there = bool(seen.subject) and bool(followed.subject)
    kept = {
        "subject": seen.subject == followed.subject != "",
        "colour": there and seen.colour == followed.colour,
        "size": there and abs(log(_area(seen) / _area(followed))) <= MOST_GROWN,
        "proportions": there and abs(log(_shape(seen) / _shape(followed))) <= MOST_STRETCHED,
        "light around": seen.light == asked_light,
        "light on the figure": there and seen.light_on_figure == asked_light,
        "shade": there and abs(seen.shade - followed.shade) <= MOST_SHADE,
    }
    if followed.hair:
        kept |= {
            "hair": there and seen.hair == followed.hair,
            "hair style": there and seen.hair_style == followed.hair_style,
            "outfit": there and seen.outfit == followed.outfit,
            "hat": there and seen.hat == followed.hat,
        }
    return {name: kept[name] for name in ATTRIBUTES if name in kept}


def share_kept(pictures: Sequence[Kept], names: Sequence[str] = ATTRIBUTES) -> Share:
    """Returns the share of the named attributes that the pictures keep."""
    return Share.of_all(kept[name] for kept in pictures for name in names if name in kept)


def _area(figure: SeenFigure) -> float:
    return figure.width * figure.height


def _shape(figure: SeenFigure) -> float:
    return figure.width / figure.height
