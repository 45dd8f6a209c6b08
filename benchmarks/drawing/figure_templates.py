"""Templates of the renderer's figures, and their fit to a picture: analysis by synthesis, without a network.

A template knows which points of a figure's frame have one colour. It is laid over the picture at many places,
widths and heights; the best is where each of its areas is the most even in colour. The renderer draws figures
flat, so that the right template at the right place explains most differences of colour inside the outline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from training.scenes.pen import Contour, Pen, Points, Silhouette
from training.scenes.style_effects import STYLE_EFFECTS
from training.scenes.subject_drawings import SUBJECT_DRAWINGS
from training.scenes.subject_drawings.figurine import HAIR_STYLES, OUTFITS, Character, draw_figurine
from worker.engines.protocol import Picture
from worker.scene_vocabulary.colours import COLOURS, RGB

Drawing = Callable[[Pen], None]

CLOTHES: RGB = (1, 2, 3)
HAIR, HAT = "blue", "turquoise"
"""Stand for any clothes, hair and hat in figurines' templates; no other part has their colours."""
_SIDE = 44
_REACH = 1.25
"""A template's frame has ``_SIDE`` points a side, from -reach to reach of the figure's own frame."""
_COARSE = (0.28, 0.34, 0.4)
"""Half sides of the frame, in shares of the picture's short side, that are tried first."""
_REFINED = 3
_STEPS = (0.04, 0.016, 0.006)


@dataclass(frozen=True)
class Placement:
    """The place of a figure's frame: its centre and half its sides, in shares of the picture's short side."""

    x: float
    y: float
    half_width: float
    half_height: float


@dataclass(frozen=True)
class FigureTemplate:
    """The areas of one drawing."""

    colours: tuple[RGB, ...]
    """The colour of each area in daylight; the first is the outline's."""
    areas: NDArray[np.float32]
    """(colours, points): 1 where a point belongs to the area."""
    cores: NDArray[np.bool_]
    """The same without the points at an area's edge, where colours run into each other."""


class TemplateSet:
    """Templates that are laid over a picture together."""

    def __init__(self, templates: Mapping[tuple[str, ...], FigureTemplate]) -> None:
        self.templates = templates
        self._names = tuple(templates)
        counts = [len(each.areas) for each in templates.values()]
        self._starts = np.cumsum([0, *counts[:-1]])
        self._areas = np.concatenate([each.areas for each in templates.values()])
        self._inside = np.stack([each.areas.sum(axis=0) for each in templates.values()])
        self._sizes = self._areas.sum(axis=1)
        self._all = self._inside.sum(axis=1)

    def best(self, levels: NDArray[np.float32], place: Placement) -> TemplateFit:
        """Returns the template that explains most of the variance of the colours inside its outline.

        ``levels`` is the picture, (h, w, 3).
        """
        points = _sample_points(levels, place)
        sums = self._areas @ points
        of_areas = np.add.reduceat((sums**2).sum(axis=1) / self._sizes, self._starts)
        mean = (np.add.reduceat(sums, self._starts, axis=0) ** 2).sum(axis=1) / self._all
        total = self._inside @ (points**2).sum(axis=1) - mean
        explained = (of_areas - mean) / np.maximum(total, 1.0)
        n = int(explained.argmax())
        name = self._names[n]
        return TemplateFit(name, self.templates[name], place, float(explained[n]), points)


@dataclass(frozen=True)
class TemplateFit:
    """The template and the placement that explain a picture best."""

    name: tuple[str, ...]
    """The figurine's hair style, outfit and "hat" or ""; of another subject its flip."""
    template: FigureTemplate
    placement: Placement
    explained: float
    points: NDArray[np.float32]
    """The colours at the template's points, (points, 3), from 0 to 255."""

    def area_colour(self, n: int) -> NDArray[np.float32]:
        """Returns the median colour inside area ``n``."""
        return np.median(self.points[self.template.cores[n]], axis=0)


@cache
def figurine_templates() -> TemplateSet:
    """Returns the templates of all figurines, by hair style, outfit and "hat" or ""."""
    templates: dict[tuple[str, ...], FigureTemplate] = {}
    for style, outfit, hat in product(HAIR_STYLES, OUTFITS, ("", HAT)):
        if not (hat and style == "bun"):  # a hat covers the bun
            character = Character(HAIR, style, outfit, hat)
            templates[style, outfit, "hat" if hat else ""] = _make_template(
                lambda pen, character=character: draw_figurine(pen, CLOTHES, character), COLOURS["red"]
            )
    return TemplateSet(templates)


@cache
def subject_templates(subject: str, colour: str) -> TemplateSet:
    """Returns the templates of a subject in a colour, as it is drawn and mirrored."""
    draw = SUBJECT_DRAWINGS[subject]
    return TemplateSet(
        {
            (side,): _make_template(lambda pen: draw(pen, COLOURS[colour]), COLOURS[colour], flip=bool(side))
            for side in ("", "mirrored")
        }
    )


def fit_templates(picture: Picture, templates: TemplateSet) -> TemplateFit:
    """Fits all templates to a picture, float32 (h, w, 3) in 0–1, and returns the best fit."""
    levels = (np.asarray(picture, np.float32) * 255).clip(0, 255)
    height, width = (side / min(levels.shape[:2]) for side in levels.shape[:2])
    starts = [
        Placement(x * width, y * height, half, half)
        for half in _COARSE
        for x, y in product((0.38, 0.46, 0.54, 0.62), (0.42, 0.5, 0.58, 0.66))
    ]
    fits = sorted((templates.best(levels, place) for place in starts), key=lambda fit: -fit.explained)
    return max((_refine(levels, fit, templates) for fit in fits[:_REFINED]), key=lambda fit: fit.explained)


def _refine(levels: NDArray[np.float32], fit: TemplateFit, templates: TemplateSet) -> TemplateFit:
    """Moves, widens and heightens the placement in ever smaller steps, as long as the fit gets better."""
    for step in _STEPS:
        better = True
        while better:
            near = [templates.best(levels, place) for place in _neighbours(fit.placement, step)]
            best = max(near, key=lambda each: each.explained)
            better = best.explained > fit.explained + 1e-4
            fit = best if better else fit
    return fit


def _neighbours(place: Placement, step: float) -> Iterable[Placement]:
    for by in (-step, step):
        yield replace(place, x=place.x + by)
        yield replace(place, y=place.y + by)
        yield replace(place, half_width=place.half_width + by)
        yield replace(place, half_height=place.half_height + by)
        # Taller with the foot or the head where it is.
        yield replace(place, half_height=place.half_height + by / 2, y=place.y - by / 2)
        yield replace(place, half_height=place.half_height + by / 2, y=place.y + by / 2)


def _sample_points(levels: NDArray[np.float32], place: Placement) -> NDArray[np.float32]:
    """Returns the picture's colours at the template's points, (points, 3)."""
    short = min(levels.shape[:2])
    across, down = (2 * _REACH * half * short / _SIDE for half in (place.half_width, place.half_height))
    left = (place.x - _REACH * place.half_width) * short + across / 2 - 0.5
    top = (place.y - _REACH * place.half_height) * short + down / 2 - 0.5
    matrix = np.asarray(((across, 0, left), (0, down, top)), np.float64)
    sampled = cv2.warpAffine(
        levels,
        matrix,
        (_SIDE, _SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled, np.float32).reshape(-1, 3)


def _make_template(draw: Drawing, colour: RGB, *, flip: bool = False) -> FigureTemplate:
    surface = Silhouette(_SIDE, _SIDE)
    half = _SIDE / 2 / _REACH
    centre = (_SIDE / 2, _SIDE / 2)
    outline = STYLE_EFFECTS["flat"]
    draw(Pen(Contour(surface, outline.outline_width * half, colour), centre, half, flip=flip))
    labels = _ColourLabels(surface, outline.outline(colour))
    draw(Pen(labels, centre, half, flip=flip))
    numbers = [n for n in range(1, len(labels.colours) + 1) if (surface.pixels == n).any()]
    areas = np.stack([surface.pixels == n for n in numbers])
    cores = np.stack([_core(area) for area in areas])
    colours = tuple(labels.colours[n - 1] for n in numbers)
    count = len(numbers)
    return FigureTemplate(colours, areas.reshape(count, -1).astype(np.float32), cores.reshape(count, -1))


def _core(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns the area without its edge; a thin area as it is."""
    inner = cv2.erode(area.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2).astype(bool)
    return inner if inner.sum() >= 6 else area


class _ColourLabels:
    """A surface that gives each colour a number of its own, from 1, which is the outline's, on."""

    def __init__(self, surface: Silhouette, outline: RGB) -> None:
        self.colours: list[RGB] = [outline]
        self._surface = surface

    def polygon(self, points: Points, colour: RGB) -> None:
        self._surface.number = self._number(colour)
        self._surface.polygon(points, colour)

    def line(self, points: Points, width: float, colour: RGB) -> None:
        self._surface.number = self._number(colour)
        self._surface.line(points, width, colour)

    def _number(self, colour: RGB) -> int:
        if colour not in self.colours[1:]:
            self.colours.append(colour)
        return 1 + self.colours.index(colour, 1)


def area_of(template: FigureTemplate, colour: RGB) -> int | None:
    """Returns the number of the area of that daylight colour, or None."""
    found: Sequence[int] = [n for n, each in enumerate(template.colours) if n and each == colour]
    return found[0] if found else None
