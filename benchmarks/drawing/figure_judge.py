"""The judge of a sequence's figures: who is it, how large and wide, and in which light?

It fits the renderer's templates (``benchmarks.drawing.figure_templates``); no network is in it, and nothing
that corrects pictures knows it. The subject and the colour of things that are no figurines, and the light of
the surroundings, are told by the judge of ``benchmarks.drawing.judge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.figure_templates import (
    CLOTHES,
    HAIR,
    HAT,
    TemplateFit,
    area_of,
    figurine_templates,
    fit_templates,
    subject_templates,
)
from benchmarks.drawing.judge import Judge
from training.scenes.palette import LIGHTINGS, apply_light
from training.scenes.subject_drawings.figurine import HAIR_COLOURS, SKIN, TROUSERS
from worker.engines.protocol import Picture
from worker.scene_vocabulary.colours import COLOURS, RGB

LEAST_EXPLAINED = 0.6
"""The least share of the colours inside a figure that its template explains."""


@dataclass(frozen=True)
class SeenFigure:
    """What the judge sees of a picture's lone figure. An attribute that it does not have is ""."""

    subject: str
    """"" if there is no figure of the kind that was asked for."""
    colour: str
    hair: str
    hair_style: str
    outfit: str
    hat: str
    light: str
    """The light of the surroundings."""
    light_on_figure: str
    width: float
    height: float
    """Half the sides of the figure's frame, in shares of the picture's short side."""
    shade: float
    """How much lighter the figure is at its right edge than in the middle, as a share: 0 if it is flat."""
    explained: float


@dataclass(frozen=True)
class FigureJudge:
    judge: Judge

    @classmethod
    def load(cls) -> FigureJudge:
        return cls(Judge.load())

    def see(self, picture: Picture, subject: str, colour: str) -> SeenFigure:
        """Returns what the picture shows, where ``subject`` in ``colour`` was asked for."""
        detections = self.judge.detect(picture)
        light = detections.facts["light"][0]
        seen = detections.find(subject)
        if subject == "figurine":
            return _see_figurine(fit_templates(picture, figurine_templates()), light)
        shown = seen.colour if seen else colour
        fit = fit_templates(picture, subject_templates(subject, shown))
        there = seen is not None and fit.explained >= LEAST_EXPLAINED
        seen_colours = {n: fit.area_colour(n) for n in range(1, len(fit.template.colours))}
        light_on_figure = min(
            LIGHTINGS,
            key=lambda name: sum(
                fit.template.areas[n].sum() * _distance(seen_colours[n], fit.template.colours[n], name)
                for n in seen_colours
            ),
        )
        return _seen(subject if there else "", shown, {}, light, light_on_figure, fit)


def _see_figurine(fit: TemplateFit, light: str) -> SeenFigure:
    template = fit.template
    style, outfit, hat = fit.name

    def colour_of(colour: RGB) -> NDArray[np.float32] | None:
        n = area_of(template, colour)
        return None if n is None else fit.area_colour(n)

    skin, trousers = colour_of(SKIN), colour_of(TROUSERS)
    hair, clothes, hat_colour = colour_of(HAIR_COLOURS[HAIR]), colour_of(CLOTHES), colour_of(COLOURS[HAT])
    best: tuple[float, str, str, str, str] | None = None
    for name in LIGHTINGS:
        hair_off, hair_name = _nearest(hair, HAIR_COLOURS, name)
        clothes_off, clothes_name = _nearest(clothes, COLOURS, name)
        hat_off, hat_name = _nearest(hat_colour, COLOURS, name) if hat else (0.0, "")
        off = hair_off + clothes_off + hat_off + 2 * _distance(skin, SKIN, name)
        off += 0.0 if trousers is None else _distance(trousers, TROUSERS, name)
        if best is None or off < best[0]:
            best = (off, name, hair_name, clothes_name, hat_name)
    assert best is not None
    _, light_on_figure, hair_name, clothes_name, hat_name = best
    there = fit.explained >= LEAST_EXPLAINED
    character = {"hair": hair_name, "hair_style": style, "outfit": outfit, "hat": hat_name}
    return _seen("figurine" if there else "", clothes_name, character, light, light_on_figure, fit)


def _seen(
    subject: str,
    colour: str,
    character: Mapping[str, str],
    light: str,
    light_on_figure: str,
    fit: TemplateFit,
) -> SeenFigure:
    return SeenFigure(
        subject=subject,
        colour=colour,
        hair=character.get("hair", ""),
        hair_style=character.get("hair_style", ""),
        outfit=character.get("outfit", ""),
        hat=character.get("hat", ""),
        light=light,
        light_on_figure=light_on_figure,
        width=fit.placement.half_width,
        height=fit.placement.half_height,
        shade=_measure_shade(fit),
        explained=fit.explained,
    )


def _nearest(seen: NDArray[np.float32] | None, palette: Mapping[str, RGB], light: str) -> tuple[float, str]:
    """Returns how far, and which, the palette's colour is that looks like ``seen`` in this light."""
    return min((_distance(seen, colour, light), name) for name, colour in palette.items())


def _distance(seen: NDArray[np.float32] | None, colour: RGB, light: str) -> float:
    """Returns the squared distance, in levels, of a seen colour from ``colour`` in ``light``."""
    if seen is None:
        return 0.0
    wanted = np.asarray(apply_light(colour, LIGHTINGS[light].subject), np.float32)
    return float(((seen - wanted) ** 2).sum())


def _measure_shade(fit: TemplateFit) -> float:
    """Returns the slope, across the figure, of the brightness within its areas, as a share of each area's."""
    side = round(len(fit.points) ** 0.5)
    across = np.tile(np.linspace(-1, 1, side, dtype=np.float32), side) * 1.25
    luma = fit.points @ np.asarray((0.299, 0.587, 0.114), np.float32)
    above, below = 0.0, 0.0
    for core in fit.template.cores[1:]:
        level = float(luma[core].mean())
        if level > 40 and core.sum() >= 40:
            x = across[core] - across[core].mean()
            above += float(x @ (luma[core] / level - 1))
            below += float(x @ x)
    return above / below if below else 0.0
