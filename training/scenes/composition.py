"""A scene: its figures, their positions and its surroundings, at any resolution."""

from __future__ import annotations

import math
from dataclasses import dataclass

from worker.scene_vocabulary.subjects import SUBJECTS

from .subject_drawings.figurine import Character

SIZES: dict[str, float] = {"small": 0.44, "normal": 0.76, "large": 0.95}
"""The frame's side of a single figure in the middle, as a share of the picture's short side."""


@dataclass(frozen=True)
class Slot:
    """A position for a figure, in shares of the picture's sides."""

    x: float
    foot: float
    """The lower end of the figure's frame."""
    across: float
    """The frame's side is at most this share of the width."""
    down: float
    """The frame's side is at most this share of the height."""
    depth: int = 1
    """A nearer figure has a larger depth and is drawn later."""


SLOTS: dict[str, Slot] = {
    "centre": Slot(0.5, 0.9, 1.0, 1.0),
    "left": Slot(0.28, 0.9, 0.54, 0.7),
    "right": Slot(0.72, 0.9, 0.54, 0.7),
    "pair left": Slot(0.26, 0.88, 0.49, 0.74),
    "pair right": Slot(0.74, 0.88, 0.49, 0.74),
    "top": Slot(0.5, 0.485, 0.8, 0.46),
    "bottom": Slot(0.5, 0.985, 0.8, 0.46),
    "back": Slot(0.62, 0.78, 0.7, 0.7, depth=0),
    "front": Slot(0.32, 0.97, 0.52, 0.52, depth=2),
    "by the sign": Slot(0.69, 0.93, 0.58, 0.66),
    "under the word": Slot(0.5, 0.97, 0.8, 0.62),
    "aside": Slot(0.83, 0.96, 0.36, 0.36, depth=2),
}
RELATIONS: dict[str, tuple[str, str]] = {
    "left of": ("pair left", "pair right"),
    "right of": ("pair right", "pair left"),
    "above": ("top", "bottom"),
    "below": ("bottom", "top"),
    "in front of": ("front", "back"),
    "behind": ("back", "front"),
}
"""The slots of the first and the second figure for each relation."""
_RELATION_OF = {slots: relation for relation, slots in RELATIONS.items()} | {
    ("centre", "aside"): "left of",
    ("aside", "centre"): "right of",
}
_AIRBORNE = frozenset({"centre", "left", "right", "pair left", "pair right", "by the sign"})
_LIFT = 0.05


@dataclass(frozen=True)
class Figure:
    """A subject of a scene, in one colour, once or up to four times."""

    subject: str
    colour: str
    slot: str = "centre"
    count: int = 1
    size: str = "normal"
    """A key of ``SIZES``. Only a single figure in the centre may be small or large."""
    flip: bool = False
    shift: float = 0.0
    """The distance to the right of its slot, as a share of the width."""
    scale: float = 1.0
    character: Character | None = None
    """The character of a figurine; None for other subjects."""


@dataclass(frozen=True)
class Scene:
    """Everything that a picture shows. The same scene is always the same picture."""

    figures: tuple[Figure, ...]
    """One figure, or two of different subjects, in the order in which captions name them."""
    setting: str
    light: str
    seed: int
    """Decides the details that no caption mentions: clouds, flowers, the horizon."""
    season: str = ""
    weather: str = "clear"
    place: str = ""
    """A key of ``PLACES`` or "". At a place the setting is ``plain``, and captions leave it out."""
    style: str = "flat"
    word: str = ""

    @property
    def relation(self) -> str:
        """Returns how the first figure stands to the second; "" if there is one only."""
        if len(self.figures) < 2:
            return ""
        return _RELATION_OF[self.figures[0].slot, self.figures[1].slot]

    @property
    def position(self) -> str:
        """Returns where a single figure stands: ``left``, ``right`` or ``centre``."""
        slot = self.figures[0].slot
        return slot if slot in {"left", "right"} and len(self.figures) == 1 else "centre"


@dataclass(frozen=True)
class Spot:
    """The centre and half the side of the frame in which a copy is drawn, in pixels."""

    x: float
    y: float
    half: float


def figure_spots(figure: Figure, width: int, height: int) -> list[Spot]:
    """Returns the spot of each copy of ``figure`` in a picture of that size, the farthest first."""
    if figure.count > 1:
        return [_shift_spot(spot, figure, width) for spot in _grid_spots(figure.count, width, height)]
    slot = SLOTS[figure.slot]
    side = min(slot.across * width, slot.down * height)
    foot = slot.foot
    if figure.slot == "centre":
        side *= SIZES[figure.size]
        foot = {"small": 0.86, "normal": 0.92, "large": 0.98}[figure.size]
    if SUBJECTS[figure.subject].flies and figure.slot in _AIRBORNE:
        foot -= _LIFT
    half = side * figure.scale / 2
    y = max(foot * height - half, half * 1.04)
    return [Spot((slot.x + figure.shift) * width, y, half)]


def _shift_spot(spot: Spot, figure: Figure, width: int) -> Spot:
    return Spot(spot.x + figure.shift * width, spot.y, spot.half * figure.scale)


def _grid_spots(count: int, width: int, height: int) -> list[Spot]:
    """Returns the spots of equal figures in rows and columns, as large as they fit."""
    columns = max(range(1, count + 1), key=lambda n: _cell_size(n, count, width, height))
    rows = math.ceil(count / columns)
    half = _cell_size(columns, count, width, height) / 2
    result: list[Spot] = []
    for row in range(rows):
        # A row that is not full comes first: it is the farther one.
        before = columns * rows - count
        here = columns - before if row == 0 else columns
        foot = 0.86 if rows == 1 else 0.04 + 0.94 * (row + 1) / rows
        result += [
            Spot(width * (0.5 + (n - (here - 1) / 2) * 0.96 / columns), foot * height - half, half)
            for n in range(here)
        ]
    return result


def _cell_size(columns: int, count: int, width: int, height: int) -> float:
    rows = math.ceil(count / columns)
    return min(0.96 * width / columns, 0.94 * height / rows) * 0.97
