"""Sequences as the renderer draws them, with and without planted faults: what the judge is worth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.figure_judge import FigureJudge, SeenFigure
from benchmarks.drawing.judge import render_square
from benchmarks.drawing.kept_attributes import ATTRIBUTES, Kept, compare_figures
from training.scenes.character_sampling import sample_character
from training.scenes.composition import Figure, Scene, figure_spots
from training.scenes.pen import Contour, Silhouette
from training.scenes.rendering import trace_figure
from training.scenes.scene_sampling import sample_figure
from training.scenes.style_effects import STYLE_EFFECTS
from training.scenes.subject_drawings.figurine import HAIR_COLOURS, HAIR_STYLES, OUTFITS
from worker.engines.protocol import Picture
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.scene_settings import SETTINGS

PICTURES = 6
_SHADE = 0.22

Distort = Callable[[Picture], Picture]


@dataclass
class Detections:
    """How often a planted fault was found, and how often a fault was seen where nothing was planted."""

    planted: int = 0
    found: int = 0
    clean: int = 0
    false: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 0.0

    @property
    def precision(self) -> float:
        """Returns the precision where a tenth of the pictures has the fault."""
        hits = 0.1 * self.recall
        alarms = hits + 0.9 * (self.false / self.clean if self.clean else 0.0)
        return hits / alarms if alarms else 0.0


def sample_places(rng: random.Random, number: int = PICTURES) -> list[tuple[str, str]]:
    """Samples settings, all different, each with a light."""
    settings = rng.sample([name for name in SETTINGS if len(SETTINGS[name].lights) > 1], number)
    return [(setting, rng.choice(LIGHTS)) for setting in settings]


def sample_lone_figure(rng: random.Random, *, figurine: bool) -> Figure:
    """Samples a figure that stands in the middle."""
    while True:
        figure = sample_figure(rng, "centre")
        if (figure.character is not None) == figurine:
            return figure


def check_judge(judge: FigureJudge, sequences: int, through: Distort, seed: int) -> dict[str, Detections]:
    """Returns, by attribute, what the judge finds in true sequences with one planted fault each.

    ``through`` distorts every picture as the model's autoencoder does.
    """
    rng = random.Random(f"true sequences {seed}")
    found = {name: Detections() for name in ATTRIBUTES}
    for n in range(sequences):
        figure = sample_lone_figure(rng, figurine=n % 3 < 2)
        scenes = [Scene((figure,), *place, rng.getrandbits(32)) for place in sample_places(rng)]
        followed = judge.see(through(render_square(scenes[0])), figure.subject, figure.colour)
        for scene in scenes[1:]:
            kept = _judge(judge, through(render_square(scene)), followed, scene)
            for name, holds in kept.items():
                found[name].clean += 1
                found[name].false += not holds
            name = rng.choice([each for each in kept if each not in ("subject", "light around")])
            spoilt = through(_plant(name, scene, rng))
            found[name].planted += 1
            found[name].found += not _judge(judge, spoilt, followed, scene)[name]
    return found


def _judge(judge: FigureJudge, picture: Picture, followed: SeenFigure, scene: Scene) -> Kept:
    figure = scene.figures[0]
    return compare_figures(followed, judge.see(picture, figure.subject, figure.colour), scene.light)


def _plant(attribute: str, scene: Scene, rng: random.Random) -> Picture:
    figure = scene.figures[0]
    match attribute:
        case "size":
            return render_square(_with(scene, replace(figure, scale=figure.scale * rng.choice((0.8, 0.86)))))
        case "proportions":
            return _stretch_across(render_square(scene), rng.choice((0.82, 1.2)))
        case "light on the figure":
            light = rng.choice([each for each in LIGHTS if each != scene.light])
            return _relight_figure(scene, light)
        case "shade":
            return _shade_figure(scene, rng.choice((-_SHADE, _SHADE)))
        case "colour":
            return render_square(_with(scene, replace(figure, colour=_other(COLOURS, figure.colour, rng))))
        case _:
            return render_square(_with(scene, _change_character(figure, attribute, rng)))


def _change_character(figure: Figure, attribute: str, rng: random.Random) -> Figure:
    character = figure.character or sample_character(rng)
    match attribute:
        case "hair":
            changed = replace(character, hair=_other(HAIR_COLOURS, character.hair, rng))
        case "hair style":
            visible = ("short", "long") if character.hat else HAIR_STYLES
            shown = "short" if character.hat and character.hair_style == "bun" else character.hair_style
            changed = replace(character, hair_style=_other(visible, shown, rng))
        case "outfit":
            changed = replace(character, outfit=_other(OUTFITS, character.outfit, rng))
        case _:
            changed = replace(character, hat=_other(("", *COLOURS), character.hat, rng))
    return replace(figure, character=changed)


def _other(choices: Sequence[str] | dict[str, tuple[int, int, int]], but: str, rng: random.Random) -> str:
    return rng.choice([each for each in choices if each != but])


def _with(scene: Scene, figure: Figure) -> Scene:
    return replace(scene, figures=(figure,))


def _stretch_across(picture: Picture, factor: float) -> Picture:
    """Stretches a picture around its middle; what is missing at the sides repeats the edge."""
    height, width = picture.shape[:2]
    matrix = np.asarray(((factor, 0, (width - 1) / 2 * (1 - factor)), (0, 1, 0)), np.float64)
    stretched = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(stretched, np.float32)


def _relight_figure(scene: Scene, light: str) -> Picture:
    """Renders the scene with its figure in another light."""
    around, figure = render_square(scene), render_square(replace(scene, light=light))
    cover = _figure_cover(scene, around.shape[0])
    return (around * (1 - cover) + figure * cover).astype(np.float32)


def _shade_figure(scene: Scene, slope: float) -> Picture:
    """Renders the scene with a figure that is darker to one side and lighter to the other."""
    picture = render_square(scene)
    cover = _figure_cover(scene, picture.shape[0])
    columns = np.flatnonzero(cover[..., 0].max(axis=0))
    ramp = np.interp(np.arange(picture.shape[1]), (columns[0], columns[-1]), (-slope, slope))
    return (picture * (1 + cover * ramp[None, :, None])).clip(0, 1).astype(np.float32)


def _figure_cover(scene: Scene, side: int) -> NDArray[np.float32]:
    """Returns how much of each pixel the figure covers with its outline: (side, side, 1), 0 to 1."""
    (figure,) = scene.figures
    surface = Silhouette(4 * side, 4 * side)
    (spot,) = figure_spots(figure, 4 * side, 4 * side)
    trace_figure(figure, spot, surface)
    trace_figure(figure, spot, Contour(surface, STYLE_EFFECTS["flat"].outline_width * spot.half, (0, 0, 0)))
    small = cv2.resize(surface.pixels.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)[..., None]
