"""The canvas of a scene: it applies the light, the weather and the style to whatever is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

from worker.scene_vocabulary.colours import RGB

from .palette import LIGHTINGS, Lighting, apply_light, darken_colour, mix_colours
from .pen import Pen
from .pixel_canvas import PixelCanvas, arc_points
from .style_effects import STYLE_EFFECTS
from .weather_effects import SEASON_COLOURS, WEATHER_EFFECTS

GRASS: RGB = (98, 182, 68)


@dataclass(frozen=True)
class SceneCanvas:
    """A canvas for one scene. Positions are shares of the sides, lengths are shares of the short side."""

    pixels: PixelCanvas
    rng: random.Random
    """Decides the details that no caption mentions."""
    light_name: str
    season: str
    weather: str
    style: str
    horizon: float
    """The horizon's distance from the top, as a share of the height."""

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
        """Returns a thing's colour in this light, weather and style."""
        return self.glowing(apply_light(colour, self.light.ground))

    def glowing(self, colour: RGB) -> RGB:
        """Returns the colour of a thing that shines itself, in this weather and style."""
        weather = WEATHER_EFFECTS[self.weather]
        veil = apply_light(weather.veil, self.light.ground)
        return STYLE_EFFECTS[self.style].ground(mix_colours(colour, veil, weather.thickness))

    def pen(self, x: float, y: float, half: float, *, glows: bool = False) -> Pen:
        """Returns a pen whose frame lies around (x, y), ``half`` of the short side in every direction."""
        pixels = self.pixels
        centre = (x * pixels.width, y * pixels.height)
        return Pen(pixels, centre, half * pixels.short, tint=self.glowing if glows else self.seen)

    def ground(self, top: RGB, bottom: RGB) -> None:
        """Draws the ground, from the horizon down."""
        self.pixels.fill(self.seen(top), self.seen(bottom), start=self.horizon)

    def strip(self, top: float, bottom: float, colour: RGB) -> None:
        """Draws a level strip across the picture, from ``top`` to ``bottom`` (shares of the height)."""
        self.pixels.fill(self.seen(colour), self.seen(colour), start=top, end=bottom)

    def hill(self, x: float, width: float, tall: float, colour: RGB) -> None:
        """Draws a round hill on the horizon: ``width`` of the picture's width, ``tall`` of the short side."""
        stretch = self.pixels.width / self.pixels.short
        pen = self.pen(x, self.horizon + 0.02, 1.0)
        pen.ellipse(0.0, 0.0, width * stretch / 2, tall, colour)


def draw_sky(canvas: SceneCanvas) -> None:
    """Draws the sky: clouds if the weather is not clear, else the sun, or the moon and stars."""
    light = canvas.light
    canvas.pixels.fill(
        canvas.glowing(light.sky_top), canvas.glowing(light.sky_bottom), end=canvas.horizon + 0.02
    )
    x = canvas.rng.choice((0.14, 0.86))
    if canvas.weather != "clear":
        draw_cloud(canvas, x, 0.14, canvas.seen((206, 212, 222)))
        draw_cloud(canvas, 1.0 - x, 0.1, canvas.seen((206, 212, 222)))
    elif canvas.light_name == "day":
        _draw_high_sun(canvas, x)
        draw_cloud(canvas, 1.0 - x, 0.16, (252, 253, 255))
    elif canvas.night:
        draw_moon_and_stars(canvas, x)
    else:
        colour: RGB = (255, 96, 56) if canvas.light_name == "sunset" else (255, 240, 170)
        canvas.pen(x, canvas.horizon - 0.02, 0.22, glows=True).ellipse(0, 0, 1, 1, colour)


def draw_cloud(canvas: SceneCanvas, x: float, y: float, colour: RGB) -> None:
    """Draws a cloud around (x, y)."""
    pen = canvas.pen(x, y, 0.16, glows=True)
    for dx, dy, radius in ((-0.7, 0.15, 0.4), (0.0, 0.0, 0.55), (0.7, 0.15, 0.42)):
        pen.ellipse(dx, dy, radius * 1.3, radius, colour)


def _draw_high_sun(canvas: SceneCanvas, x: float) -> None:
    pen = canvas.pen(x, 0.14, 0.12, glows=True)
    if canvas.season == "summer":
        for turn in range(8):
            reach = arc_points(0.0, 0.0, 1.75, 1.75, 45 * turn, 45 * turn + 1)[0]
            pen.line([(0.0, 0.0), reach], 0.3, (255, 196, 40))
    pen.ellipse(0, 0, 1, 1, (255, 222, 70))


def draw_moon_and_stars(canvas: SceneCanvas, x: float) -> None:
    """Draws the moon at ``x`` and stars at random."""
    for _ in range(7):
        spot = canvas.pen(canvas.rng.random(), canvas.rng.uniform(0.03, 0.45), 0.022, glows=True)
        spot.ellipse(0, 0, 1, 1, (238, 238, 255))
    pen = canvas.pen(x, 0.15, 0.12, glows=True)
    pen.ellipse(0, 0, 1, 1, (250, 246, 214))
    pen.ellipse(0.42, -0.22, 0.82, 0.82, mix_colours(canvas.light.sky_top, canvas.light.sky_bottom, 0.15))


def draw_season_signs(canvas: SceneCanvas) -> None:
    """Draws a tree at each side, and petals, leaves or snow on the ground, in the season's colours."""
    if not canvas.season:
        return
    season = SEASON_COLOURS[canvas.season]
    for x in (0.07, 0.93):
        pen = canvas.pen(x, canvas.horizon - 0.12, 0.2)
        pen.box(-0.14, 0.2, 0.14, 1.0, (112, 74, 48))
        pen.ellipse(0.0, -0.2, 0.85, 0.85, season.crown)
        pen.polygon(arc_points(0.0, -0.2, 0.85, 0.85, 20, 160), darken_colour(season.crown, 0.15))
    for _ in range(9):
        y = canvas.rng.uniform(canvas.horizon + 0.05, 0.98)
        canvas.pen(canvas.rng.random(), y, 0.03).ellipse(0, 0, 1, 0.8, season.litter)


def draw_precipitation(canvas: SceneCanvas) -> None:
    """Draws rain or snow in front of everything."""
    if canvas.weather == "rain":
        for column in range(6):
            for row in range(5):
                x, y = (column + 0.5 * (row % 2) + 0.3) / 6, (row + 0.5) / 5
                pen = canvas.pen(x, y, 0.05, glows=True)
                pen.line([(0.4, -1.0), (-0.4, 1.0)], 0.34, (196, 220, 255))
    elif canvas.weather == "snow":
        for column in range(6):
            for row in range(6):
                x = (column + 0.5 * (row % 2) + canvas.rng.uniform(0.1, 0.5)) / 6
                pen = canvas.pen(x, (row + 0.5) / 6, 0.024, glows=True)
                pen.ellipse(0, 0, 1, 1, (255, 255, 255))
