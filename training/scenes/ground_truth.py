"""The ground truth of a scene: what it shows, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

from .composition import Scene
from .rendering import figure_boxes, figure_silhouettes
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
    """One box per copy. Parts that another figure hides count as well."""
    character: Character | None

    @property
    def box(self) -> Box:
        """Returns the box around all copies."""
        low = [min(box[side] for box in self.boxes) for side in (0, 1)]
        high = [max(box[side] for box in self.boxes) for side in (2, 3)]
        return low[0], low[1], high[0], high[1]


@dataclass(frozen=True)
class SceneTruth:
    """Everything that a caption could say about a picture."""

    subjects: tuple[SubjectTruth, ...]
    relation: str
    """How the first subject stands to the second, a key of ``RELATIONS``; "" if there is one subject."""
    position: str
    setting: str
    light: str
    season: str
    weather: str
    place: str
    style: str
    word: str


def scene_truth(scene: Scene, width: int = 64, height: int = 64) -> SceneTruth:
    """Returns what ``scene`` shows in a picture of that shape."""
    subjects = tuple(
        SubjectTruth(
            figure.subject,
            figure.colour,
            figure.count,
            figure.size,
            tuple(figure_boxes(figure, width, height)),
            figure.character,
        )
        for figure in scene.figures
    )
    return SceneTruth(
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
    """Returns what covers most of every cell of ``cell`` × ``cell`` pixels: (subject ids, colour ids).

    Both have the shape (height / cell, width / cell); 0 is the background.
    """
    pixels = figure_silhouettes(scene, width, height)
    rows, columns = height // cell, width // cell
    cells = pixels[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    kinds = range(len(scene.figures) + 1)
    covered = np.stack([(cells == kind).sum(axis=(1, 3)) for kind in kinds])
    winner = covered.argmax(axis=0)
    subjects = np.asarray([0, *(SUBJECT_IDS[figure.subject] for figure in scene.figures)], np.uint8)
    colours = np.asarray([0, *(COLOUR_IDS[figure.colour] for figure in scene.figures)], np.uint8)
    return subjects[winner], colours[winner]
