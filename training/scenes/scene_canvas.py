"""The stage: the sky, the light and the weather that a setting is drawn in, and its drawing tools."""

from __future__ import annotations

import random
from dataclasses import dataclass

from worker.scene_vocabulary.colours import RGB

from .canvas import Canvas, arc
from .palette import LIGHTINGS, Lighting, darker, lit, mix
from .pen import Pen
from .style_effects import STYLE_EFFECTS
from .weather_effects import SEASON_COLOURS, WEATHER_EFFECTS

GRASS: RGB = (98, 182, 68)


@dataclass(frozen=True)
class Stage:
    """What a setting is drawn with. Positions are shares of the sides, lengths of the short side."""

    canvas: Canvas
    dice: random.Random
    """For what no caption tells."""
    light_name: str
    season: str
    weather: str
    style: str
    horizon: float
    """Share of the height, from the top."""

    @property
    def light(self) -> Lighting:
        return LIGHTINGS[self.light_name]

    @property
    def night(self) -> bool:
        return self.light_name == "night"

    @property
    def grass(self) -> RGB:
        return SEASON_COLOURS[self.season].grass if self.season else GRASS

    def seen(self, colour: RGB) -> RGB:
        """A thing's colour by this light, through this weather, in this style."""
        return self.glowing(lit(colour, self.light.ground))

    def glowing(self, colour: RGB) -> RGB:
        """The colour of what shines itself, through this weather, in this style."""
        weather = WEATHER_EFFECTS[self.weather]
        veil = lit(weather.veil, self.light.ground)
        return STYLE_EFFECTS[self.style].ground(mix(colour, veil, weather.thickness))

    def pen(self, x: float, y: float, half: float, *, glows: bool = False) -> Pen:
        """A pen whose frame lies around (x, y), ``half`` of the short side in every direction."""
        canvas = self.canvas
        centre = (x * canvas.width, y * canvas.height)
        return Pen(canvas, centre, half * canvas.short, tint=self.glowing if glows else self.seen)

    def ground(self, top: RGB, bottom: RGB) -> None:
        self.canvas.fill(self.seen(top), self.seen(bottom), start=self.horizon)

    def strip(self, top: float, bottom: float, colour: RGB) -> None:
        """A level strip across the whole picture, from ``top`` to ``bottom`` (shares of the height)."""
        self.canvas.fill(self.seen(colour), self.seen(colour), start=top, end=bottom)

    def hill(self, x: float, width: float, tall: float, colour: RGB) -> None:
        """A round hill on the horizon, ``width`` of the picture's width and ``tall`` of the short side."""
        stretch = self.canvas.width / self.canvas.short
        pen = self.pen(x, self.horizon + 0.02, 1.0)
        pen.ellipse(0.0, 0.0, width * stretch / 2, tall, colour)


def sky(stage: Stage) -> None:
    """The sky with its sun, rising or setting or high, or with its moon and stars; or with clouds."""
    light = stage.light
    stage.canvas.fill(stage.glowing(light.sky_top), stage.glowing(light.sky_bottom), end=stage.horizon + 0.02)
    x = stage.dice.choice((0.14, 0.86))
    if stage.weather != "clear":
        cloud(stage, x, 0.14, stage.seen((206, 212, 222)))
        cloud(stage, 1.0 - x, 0.1, stage.seen((206, 212, 222)))
    elif stage.light_name == "day":
        _high_sun(stage, x)
        cloud(stage, 1.0 - x, 0.16, (252, 253, 255))
    elif stage.night:
        moon_and_stars(stage, x)
    else:
        colour: RGB = (255, 96, 56) if stage.light_name == "sunset" else (255, 240, 170)
        stage.pen(x, stage.horizon - 0.02, 0.22, glows=True).ellipse(0, 0, 1, 1, colour)


def cloud(stage: Stage, x: float, y: float, colour: RGB) -> None:
    pen = stage.pen(x, y, 0.16, glows=True)
    for dx, dy, radius in ((-0.7, 0.15, 0.4), (0.0, 0.0, 0.55), (0.7, 0.15, 0.42)):
        pen.ellipse(dx, dy, radius * 1.3, radius, colour)


def _high_sun(stage: Stage, x: float) -> None:
    pen = stage.pen(x, 0.14, 0.12, glows=True)
    if stage.season == "summer":
        for turn in range(8):
            reach = arc(0.0, 0.0, 1.75, 1.75, 45 * turn, 45 * turn + 1)[0]
            pen.line([(0.0, 0.0), reach], 0.3, (255, 196, 40))
    pen.ellipse(0, 0, 1, 1, (255, 222, 70))


def moon_and_stars(stage: Stage, x: float) -> None:
    for _ in range(7):
        spot = stage.pen(stage.dice.random(), stage.dice.uniform(0.03, 0.45), 0.022, glows=True)
        spot.ellipse(0, 0, 1, 1, (238, 238, 255))
    pen = stage.pen(x, 0.15, 0.12, glows=True)
    pen.ellipse(0, 0, 1, 1, (250, 246, 214))
    pen.ellipse(0.42, -0.22, 0.82, 0.82, mix(stage.light.sky_top, stage.light.sky_bottom, 0.15))


def season_signs(stage: Stage) -> None:
    """A tree at each side in the season's colours, and its petals, leaves or snow on the ground."""
    if not stage.season:
        return
    season = SEASON_COLOURS[stage.season]
    for x in (0.07, 0.93):
        pen = stage.pen(x, stage.horizon - 0.12, 0.2)
        pen.box(-0.14, 0.2, 0.14, 1.0, (112, 74, 48))
        pen.ellipse(0.0, -0.2, 0.85, 0.85, season.crown)
        pen.polygon(arc(0.0, -0.2, 0.85, 0.85, 20, 160), darker(season.crown, 0.15))
    for _ in range(9):
        y = stage.dice.uniform(stage.horizon + 0.05, 0.98)
        stage.pen(stage.dice.random(), y, 0.03).ellipse(0, 0, 1, 0.8, season.litter)


def falling(stage: Stage) -> None:
    """Rain or snow in front of everything."""
    if stage.weather == "rain":
        for column in range(6):
            for row in range(5):
                x, y = (column + 0.5 * (row % 2) + 0.3) / 6, (row + 0.5) / 5
                pen = stage.pen(x, y, 0.05, glows=True)
                pen.line([(0.4, -1.0), (-0.4, 1.0)], 0.34, (196, 220, 255))
    elif stage.weather == "snow":
        for column in range(6):
            for row in range(6):
                x = (column + 0.5 * (row % 2) + stage.dice.uniform(0.1, 0.5)) / 6
                pen = stage.pen(x, (row + 0.5) / 6, 0.024, glows=True)
                pen.ellipse(0, 0, 1, 1, (255, 255, 255))
