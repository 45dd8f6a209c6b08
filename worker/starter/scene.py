"""A scene and its truth: what is in the picture, in which colours, where and when."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .canvas import Canvas, Pen, Picture
from .palette import COLOURS, LIGHTS
from .settings import SETTINGS, Stage, sky
from .subjects import SUBJECTS

BUCKETS: tuple[tuple[int, int], ...] = (
    (64, 64),
    (80, 48),
    (48, 80),
    (72, 56),
    (56, 72),
    (96, 40),
    (40, 96),
)
"""Width and height, in pixels, of the pictures that the smallest model is trained on: about 4,096 each."""


@dataclass(frozen=True)
class Figure:
    """One subject of a scene."""

    subject: str
    colour: str
    x: float
    """The centre, as a share of the width."""
    size: float
    """The frame's side, as a share of the picture's short side."""
    flip: bool = False


@dataclass(frozen=True)
class Scene:
    """Everything that a picture shows. The same scene is always the same picture."""

    figures: tuple[Figure, ...]
    """From left to right."""
    setting: str
    light: str
    seed: int
    """Decides what no caption tells: clouds, flowers, the horizon."""


def sample_scene(dice: random.Random, *, wide: bool = True) -> Scene:
    """A random scene: mostly one large subject, in one of four two, where ``wide`` leaves room for them."""
    setting = dice.choice(tuple(SETTINGS))
    light = dice.choices(tuple(LIGHTS), weights=(4, 3, 3))[0]
    if wide and dice.random() < 0.25:
        left, right = dice.sample(tuple(SUBJECTS), 2)
        spots = ((left, dice.uniform(0.23, 0.29)), (right, dice.uniform(0.71, 0.77)))
        figures = tuple(
            Figure(name, dice.choice(tuple(COLOURS)), x, dice.uniform(0.44, 0.5), dice.random() < 0.5)
            for name, x in spots
        )
    else:
        figures = (_single(dice),)
    return Scene(figures, setting, light, dice.getrandbits(32))


def _single(dice: random.Random) -> Figure:
    name = dice.choice(tuple(SUBJECTS))
    usual = SUBJECTS[name].colours
    colour = dice.choice(usual if dice.random() < 0.15 else tuple(COLOURS))
    return Figure(name, colour, dice.uniform(0.4, 0.6), dice.uniform(0.62, 0.82), dice.random() < 0.5)


def render(scene: Scene, width: int, height: int) -> Picture:
    """The scene as a picture of ``height`` × ``width`` × 3, RGB, 0 to 255."""
    canvas = Canvas(width, height)
    dice = random.Random(scene.seed)
    horizon = dice.uniform(0.58, 0.68)
    stage = Stage(canvas, LIGHTS[scene.light], scene.light, dice, horizon)
    sky(stage)
    SETTINGS[scene.setting].draw(stage)
    for figure in scene.figures:
        _draw(figure, scene, canvas, horizon)
    return canvas.picture()


def _draw(figure: Figure, scene: Scene, canvas: Canvas, horizon: float) -> None:
    kind = SUBJECTS[figure.subject]
    half = figure.size * min(canvas.width, canvas.height) / 2
    ground = (horizon + (1 - horizon) * 0.62) * canvas.height
    in_the_air = kind.place == "sky" and scene.setting != "room"
    y = max(half * 1.04, 0.42 * canvas.height) if in_the_air else ground - half
    pen = Pen(canvas, (figure.x * canvas.width, y), half, flip=figure.flip, light=LIGHTS[scene.light].subject)
    kind.draw(pen, COLOURS[figure.colour])
