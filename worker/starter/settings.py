"""Where the scenes are set. Each draws its ground below the horizon, and what stands on it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from .canvas import Canvas, Pen, Point, arc
from .palette import Colour, Light, darker, lighter, lit, mix


@dataclass(frozen=True)
class Stage:
    """What a setting is drawn with: the canvas, the light, its own dice, and where the horizon lies."""

    canvas: Canvas
    light: Light
    light_name: str
    dice: random.Random
    horizon: float
    """Share of the height, from the top."""

    def pen(self, x: float, y: float, half: float) -> Pen:
        """A pen whose frame lies around (x, y), shares of the sides; ``half`` is a share of the short one."""
        canvas = self.canvas
        side = min(canvas.width, canvas.height)
        return Pen(canvas, (x * canvas.width, y * canvas.height), half * side, light=self.light.ground)

    def ground(self, top: Colour, bottom: Colour) -> None:
        light = self.light.ground
        self.canvas.fill(lit(top, light), lit(bottom, light), start=self.horizon)


def sky(stage: Stage) -> None:
    """The sky with its sun, its setting sun, or its moon and stars."""
    stage.canvas.fill(stage.light.sky_top, stage.light.sky_bottom, end=stage.horizon + 0.02)
    x = stage.dice.uniform(0.12, 0.88)
    star = replace(stage, light=replace(stage.light, ground=(1.0, 1.0, 1.0)))
    if stage.light_name == "day":
        star.pen(x, 0.14, 0.11).ellipse(0, 0, 1, 1, (255, 222, 70))
        _cloud(star, 1.0 - x)
    elif stage.light_name == "sunset":
        star.pen(x, stage.horizon - 0.02, 0.2).ellipse(0, 0, 1, 1, (255, 104, 60))
    else:
        _moon_and_stars(star, x)


def _cloud(stage: Stage, x: float) -> None:
    pen = stage.pen(x, stage.dice.uniform(0.12, 0.24), 0.16)
    for dx, dy, radius in ((-0.7, 0.15, 0.4), (0.0, 0.0, 0.55), (0.7, 0.15, 0.42)):
        pen.ellipse(dx, dy, radius * 1.3, radius, (252, 253, 255))


def _moon_and_stars(stage: Stage, x: float) -> None:
    for _ in range(9):
        spot = stage.pen(stage.dice.random(), stage.dice.uniform(0.02, 0.5), 0.02)
        spot.ellipse(0, 0, 1, 1, (238, 238, 255))
    pen = stage.pen(x, 0.15, 0.11)
    pen.ellipse(0, 0, 1, 1, (250, 246, 214))
    pen.ellipse(0.42, -0.22, 0.82, 0.82, mix(stage.light.sky_top, stage.light.sky_bottom, 0.15))


def sea(stage: Stage) -> None:
    stage.ground((34, 134, 190), (12, 76, 140))
    for row in range(4):
        y = stage.horizon + (1 - stage.horizon) * (0.16 + 0.24 * row)
        for _ in range(3):
            x, half = stage.dice.random(), 0.06 + 0.03 * row
            stage.pen(x, y, half).box(-1.0, -0.12, 1.0, 0.12, (126, 200, 226))


def meadow(stage: Stage) -> None:
    _hill(stage, stage.dice.random(), 0.5, (116, 186, 84))
    stage.ground((104, 188, 70), (58, 140, 52))
    for _ in range(8):
        flower = stage.dice.choice([(250, 250, 240), (250, 214, 60), (240, 120, 160)])
        y = stage.dice.uniform(stage.horizon + 0.06, 0.98)
        stage.pen(stage.dice.random(), y, 0.03).ellipse(0, 0, 1, 1, flower)


def desert(stage: Stage) -> None:
    _hill(stage, stage.dice.random(), 0.5, (226, 176, 104))
    stage.ground((240, 200, 122), (212, 156, 84))
    for x in (stage.dice.uniform(0.02, 0.25), stage.dice.uniform(0.75, 0.98)):
        pen = stage.pen(x, stage.horizon - 0.04, 0.16)
        cactus: Colour = (58, 132, 80)
        pen.line([(0.0, -0.8), (0.0, 1.0)], 0.34, cactus)
        pen.line([(-0.6, -0.35), (-0.6, 0.2), (0.0, 0.2)], 0.26, cactus)
        pen.line([(0.6, -0.5), (0.6, 0.0), (0.0, 0.0)], 0.26, cactus)


def city(stage: Stage) -> None:
    night = stage.light_name == "night"
    x = -0.05
    while x < 1.0:
        width, tall = stage.dice.uniform(0.13, 0.22), stage.dice.uniform(0.16, 0.42)
        _tower(stage, x, width, tall, (255, 224, 120) if night else (206, 226, 240))
        x += width
    stage.ground((150, 150, 156), (96, 96, 104))
    canvas = stage.canvas
    for left in (0.02, 0.36, 0.7):
        y = (stage.horizon + 1) / 2
        corners: list[Point] = [
            (left, y - 0.02),
            (left + 0.22, y - 0.02),
            (left + 0.22, y + 0.02),
            (left, y + 0.02),
        ]
        canvas.polygon(
            [(px * canvas.width, py * canvas.height) for px, py in corners],
            lit((240, 240, 226), stage.light.ground),
        )


def _tower(stage: Stage, left: float, width: float, tall: float, window: Colour) -> None:
    canvas = stage.canvas
    grey = stage.dice.choice([(120, 128, 148), (146, 134, 140), (104, 116, 136)])

    def box(x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        w, h = canvas.width, canvas.height
        canvas.polygon([(x0 * w, y0 * h), (x1 * w, y0 * h), (x1 * w, y1 * h), (x0 * w, y1 * h)], colour)

    top = stage.horizon - tall
    box(left, top, left + width, stage.horizon + 0.02, lit(grey, stage.light.ground))
    row = top + 0.05
    while row < stage.horizon - 0.05:
        for share in (0.2, 0.6):
            x = left + width * share
            box(x, row, x + width * 0.2, row + 0.035, window)
        row += 0.085


def snow(stage: Stage) -> None:
    _hill(stage, stage.dice.random(), 0.5, (222, 234, 246))
    stage.ground((244, 249, 255), (206, 222, 240))
    for x in (stage.dice.uniform(0.0, 0.2), stage.dice.uniform(0.8, 1.0)):
        pen = stage.pen(x, stage.horizon - 0.08, 0.17)
        for y in (0.9, 0.4, -0.1):
            pen.polygon(
                [(-0.7 + 0.2 * (0.9 - y), y), (0.7 - 0.2 * (0.9 - y), y), (0.0, y - 0.95)], (60, 116, 96)
            )
        pen.polygon([(-0.26, -0.66), (0.26, -0.66), (0.0, -1.05)], (246, 250, 255))
    for _ in range(14):
        stage.pen(stage.dice.random(), stage.dice.random(), 0.022).ellipse(0, 0, 1, 1, (255, 255, 255))


def room(stage: Stage) -> None:
    canvas = stage.canvas
    wall: Colour = (238, 214, 178)
    canvas.fill(lit(wall, stage.light.ground), lit(darker(wall, 0.08), stage.light.ground))
    window = Pen(canvas, _window_place(stage), 0.2 * min(canvas.width, canvas.height))
    window.box(-1.0, -1.0, 1.0, 1.0, (250, 248, 240) if stage.light_name != "night" else (110, 104, 110))
    window.box(-0.84, -0.84, 0.84, 0.84, mix(stage.light.sky_top, stage.light.sky_bottom, 0.5))
    if stage.light_name == "night":
        window.polygon(arc(0.3, -0.3, 0.3, 0.3), (250, 246, 214))
    elif stage.light_name == "sunset":
        window.polygon(arc(0.0, 0.84, 0.6, 0.6, 180, 360), (255, 104, 60))
    window.line(
        [(0.0, -0.9), (0.0, 0.9)], 0.12, (250, 248, 240) if stage.light_name != "night" else (110, 104, 110)
    )
    stage.ground((176, 116, 68), (136, 84, 48))
    stage.pen(0.5, stage.horizon + 0.02, 3.0).box(-1.0, -0.01, 1.0, 0.006, lighter((176, 116, 68), 0.2))


def _window_place(stage: Stage) -> Point:
    x = stage.dice.choice((0.2, 0.8))
    return x * stage.canvas.width, 0.26 * stage.canvas.height


def _hill(stage: Stage, x: float, half: float, colour: Colour) -> None:
    stage.pen(x, stage.horizon + 0.03, half).ellipse(0.0, 0.0, 1.4, 0.32, colour)
    stage.pen((x + 0.55) % 1.0, stage.horizon + 0.03, half).ellipse(0.0, 0.0, 1.1, 0.22, darker(colour, 0.1))


@dataclass(frozen=True)
class Place:
    """A setting: how it is drawn and how a caption says it."""

    draw: Callable[[Stage], None]
    phrases: tuple[str, ...]
    """After the subject: "a boat {on the sea}"."""
    name: str
    """On its own, in a list of key words."""


SETTINGS: dict[str, Place] = {
    "sea": Place(sea, ("on the sea", "at sea", "on the ocean", "on the water", "in the sea"), "sea"),
    "meadow": Place(
        meadow,
        ("in a meadow", "on a green field", "on the grass", "in a field of flowers", "in a park"),
        "meadow",
    ),
    "desert": Place(desert, ("in the desert", "in a sandy desert", "on the sand", "among cacti"), "desert"),
    "city": Place(
        city, ("in the city", "in a city street", "on a street", "in town", "in front of skyscrapers"), "city"
    ),
    "snow": Place(snow, ("in the snow", "in a snowy landscape", "on the snow", "in winter"), "snow"),
    "room": Place(
        room, ("on a table", "in a room", "on a wooden table", "indoors", "inside a house"), "table"
    ),
}
