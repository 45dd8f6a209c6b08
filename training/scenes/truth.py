"""What a scene shows, exactly: for measuring pictures against what was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

from .composition import Scene
from .drawing import boxes, silhouettes
from .subject_drawings.figurine import Character

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in shares of the picture's sides."""

SUBJECT_IDS: dict[str, int] = {name: number for number, name in enumerate(SUBJECTS, start=1)}
COLOUR_IDS: dict[str, int] = {name: number for number, name in enumerate(COLOURS, start=1)}
"""As in :func:`region_map`; 0 is the background."""


@dataclass(frozen=True)
class SubjectTruth:
    """One subject of a picture."""

    name: str
    colour: str
    count: int
    size: str
    boxes: tuple[Box, ...]
    """One per copy, as far as it reaches even where something stands before it."""
    character: Character | None

    @property
    def box(self) -> Box:
        """Around all copies."""
        low = [min(box[side] for box in self.boxes) for side in (0, 1)]
        high = [max(box[side] for box in self.boxes) for side in (2, 3)]
        return low[0], low[1], high[0], high[1]


@dataclass(frozen=True)
class Truth:
    """All that a caption could say of a picture."""

    subjects: tuple[SubjectTruth, ...]
    relation: str
    """Of the first subject to the second, a key of ``RELATIONS``; "" where there is one subject."""
    position: str
    setting: str
    light: str
    season: str
    weather: str
    place: str
    style: str
    word: str


def truth(scene: Scene, width: int = 64, height: int = 64) -> Truth:
    """What ``scene`` shows in a picture of that shape."""
    subjects = tuple(
        SubjectTruth(
            figure.subject,
            figure.colour,
            figure.count,
            figure.size,
            tuple(boxes(figure, width, height)),
            figure.character,
        )
        for figure in scene.figures
    )
    return Truth(
        subjects,
        scene.relation,
        scene.position,
        "" if scene.place else scene.setting,
        scene.light,
        scene.season,
        scene.weather,
        scene.place,
        scene.style,
        scene.word,
    )


def region_map(
    scene: Scene, width: int, height: int, cell: int = 8
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What covers most of every cell of ``cell`` × ``cell`` pixels: (subject ids, colour ids).

    Both are (height / cell) × (width / cell), and 0 where that is the background.
    """
    pixels = silhouettes(scene, width, height)
    rows, columns = height // cell, width // cell
    cells = pixels[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    kinds = range(len(scene.figures) + 1)
    covered = np.stack([(cells == kind).sum(axis=(1, 3)) for kind in kinds])
    winner = covered.argmax(axis=0)
    subjects = np.asarray([0, *(SUBJECT_IDS[figure.subject] for figure in scene.figures)], np.uint8)
    colours = np.asarray([0, *(COLOUR_IDS[figure.colour] for figure in scene.figures)], np.uint8)
    return subjects[winner], colours[winner]
