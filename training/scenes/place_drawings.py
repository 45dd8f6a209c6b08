"""The drawings of places: a landmark on the left, behind the subject."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from worker.scene_vocabulary.colours import RGB

from .palette import apply_light, darken_colour, lighten_colour
from .pen import Pen
from .pixel_canvas import arc_points
from .scene_canvas import SceneCanvas, draw_sky

_STONE: RGB = (226, 196, 140)
_PAVING: RGB = (196, 190, 182)
_LAWN: RGB = (110, 184, 84)
_WATER: RGB = (64, 152, 196)
_CREAM: RGB = (248, 242, 230)


def _draw_tokyo(pen: Pen) -> None:
    """Draws a red torii between cherry blossoms."""
    red: RGB = (216, 50, 40)
    for side in (-1.0, 1.0):
        pen.line([(side * 0.5, -0.6), (side * 0.56, 1.0)], 0.22, red)
    pen.box(-0.72, -0.34, 0.72, -0.14, red)
    pen.polygon([(-1.0, -0.92), (1.0, -0.92), (0.9, -0.6), (-0.9, -0.6)], red)
    for x, y in ((-0.85, -0.75), (-0.6, -1.0), (0.9, -0.8), (0.64, -1.04)):
        pen.ellipse(x, y, 0.34, 0.28, (252, 176, 208))


def _draw_paris(pen: Pen) -> None:
    """Draws the Eiffel tower."""
    iron: RGB = (134, 96, 70)
    pen.polygon([(-0.08, -1.3), (0.08, -1.3), (0.2, -0.2), (0.64, 1.0), (0.32, 1.0)], iron)
    pen.polygon([(-0.08, -1.3), (0.08, -1.3), (-0.32, 1.0), (-0.64, 1.0), (-0.2, -0.2)], iron)
    pen.box(-0.3, -0.26, 0.3, -0.1, darken_colour(iron))
    pen.box(-0.48, 0.36, 0.48, 0.54, darken_colour(iron))


def _draw_cairo(pen: Pen) -> None:
    """Draws two pyramids."""
    for x, half, tall in ((0.66, 0.62, 0.9), (-0.14, 0.96, 1.5)):
        pen.polygon([(x - half, 1.0), (x + half, 1.0), (x, 1.0 - tall)], (232, 190, 104))
        pen.polygon([(x + half * 0.2, 1.0), (x + half, 1.0), (x, 1.0 - tall)], (194, 146, 70))


def _draw_london(pen: Pen) -> None:
    """Draws the clock tower."""
    pen.box(-0.3, -0.5, 0.3, 1.0, (204, 166, 98))
    pen.box(-0.38, -0.84, 0.38, -0.2, (184, 142, 78))
    pen.polygon([(-0.38, -0.84), (0.38, -0.84), (0.0, -1.4)], (70, 92, 84))
    pen.ellipse(0.0, -0.52, 0.26, 0.26, (252, 250, 240))
    pen.line([(0.0, -0.52), (0.0, -0.7)], 0.09, (40, 40, 46))
    pen.line([(0.0, -0.52), (0.13, -0.52)], 0.09, (40, 40, 46))


def _draw_new_york(pen: Pen) -> None:
    """Draws the statue with its torch."""
    copper: RGB = (104, 186, 158)
    pen.box(-0.56, 0.5, 0.56, 1.0, (176, 164, 148))
    pen.line([(0.2, -0.3), (0.56, -0.96)], 0.24, copper)
    pen.ellipse(0.6, -1.14, 0.2, 0.26, (255, 196, 60))
    pen.polygon([(-0.26, -0.5), (0.28, -0.5), (0.46, 0.52), (-0.46, 0.52)], copper)
    pen.polygon(
        [(-0.44, -0.84), (-0.3, -1.3), (-0.12, -1.0), (0.0, -1.4), (0.12, -1.0), (0.3, -1.3), (0.44, -0.84)],
        copper,
    )
    pen.ellipse(0.0, -0.72, 0.3, 0.32, copper)


def _draw_venice(pen: Pen) -> None:
    """Draws a gondola before its striped poles."""
    for x in (-0.7, -0.1, 0.5):
        pen.box(x - 0.14, -1.2, x + 0.14, 0.6, _CREAM)
        for y in (-1.1, -0.6, -0.1):
            pen.box(x - 0.14, y, x + 0.14, y + 0.26, (206, 44, 48))
    pen.polygon(
        [(-1.1, -0.1), (-0.84, 0.44), (0.4, 0.44), (0.9, -0.1), (0.76, 1.0), (-0.8, 1.0)], (36, 34, 44)
    )
    pen.box(-0.5, 0.24, 0.1, 0.46, (206, 44, 48))


def _draw_rome(pen: Pen) -> None:
    """Draws the Colosseum."""
    pen.polygon(
        [(-1.0, -0.2), (-0.4, -0.5), (0.3, -0.5), (0.3, 0.0), (1.0, 0.0), (1.0, 1.0), (-1.0, 1.0)], _STONE
    )
    for y in (-0.1, 0.5):
        for x in (-0.75, -0.35, 0.05, 0.5, 0.8):
            if y > 0 or x < 0.3:
                pen.polygon(
                    [*arc_points(x, y, 0.13, 0.14, 180, 360), (x + 0.13, y + 0.3), (x - 0.13, y + 0.3)],
                    (120, 86, 58),
                )


def _draw_sydney(pen: Pen) -> None:
    """Draws the opera house's shells."""
    pen.box(-1.1, 0.7, 1.1, 1.0, (186, 150, 120))
    for x, tall in ((0.75, 0.7), (0.3, 1.05), (-0.2, 1.4)):
        shell = [(x - 0.75, 0.72), (x - 0.3, 0.72 - tall * 0.8), (x + 0.36, 0.72 - tall), (x + 0.3, 0.72)]
        pen.polygon(shell, (252, 252, 250))
        pen.polygon([(x + 0.3, 0.72), (x + 0.36, 0.72 - tall), (x + 0.05, 0.72)], (200, 206, 220))


def _draw_agra(pen: Pen) -> None:
    """Draws the Taj Mahal."""
    white: RGB = (250, 246, 240)
    for side in (-1.0, 1.0):
        pen.box(side * 0.98 - 0.09, -0.5, side * 0.98 + 0.09, 1.0, white)
        pen.ellipse(side * 0.98, -0.56, 0.13, 0.16, white)
    pen.box(-0.66, 0.1, 0.66, 1.0, white)
    pen.polygon(
        [*arc_points(0.0, -0.3, 0.48, 0.5, 150, 390), (0.34, 0.12), (-0.34, 0.12)],
        lighten_colour((226, 214, 214), 0.2),
    )
    pen.line([(0.0, -0.7), (0.0, -1.1)], 0.1, (220, 176, 80))
    pen.polygon([*arc_points(0.0, 0.5, 0.22, 0.24, 180, 360), (0.22, 1.0), (-0.22, 1.0)], (116, 122, 160))


def _draw_rio(pen: Pen) -> None:
    """Draws the statue with open arms on its mountain."""
    pen.polygon([(-1.1, 1.0), (-0.5, 0.1), (0.0, -0.1), (0.5, 0.1), (1.1, 1.0)], (56, 124, 72))
    stone: RGB = (246, 246, 240)
    pen.box(-0.14, -1.0, 0.14, 0.0, stone)
    pen.box(-0.76, -0.88, 0.76, -0.64, stone)
    pen.ellipse(0.0, -1.14, 0.17, 0.19, stone)


def _draw_beijing(pen: Pen) -> None:
    """Draws the temple of heaven's three blue roofs."""
    pen.box(-1.0, 0.8, 1.0, 1.0, _CREAM)
    for y, half in ((0.3, 0.84), (-0.26, 0.62), (-0.8, 0.4)):
        pen.box(-half * 0.72, y, half * 0.72, y + 0.5, (190, 44, 40))
        pen.polygon(
            [(-half, y + 0.14), (half, y + 0.14), (half * 0.3, y - 0.3), (-half * 0.3, y - 0.3)],
            (38, 78, 150),
        )
    pen.ellipse(0.0, -1.18, 0.13, 0.15, (250, 204, 70))


def _draw_amsterdam(pen: Pen) -> None:
    """Draws a windmill."""
    pen.polygon([(-0.3, -0.4), (0.3, -0.4), (0.5, 1.0), (-0.5, 1.0)], (156, 92, 62))
    pen.polygon([*arc_points(0.0, -0.36, 0.36, 0.36, 180, 360)], (80, 70, 70))
    for turn in (45, 135, 225, 315):
        angle = math.radians(turn)
        pen.line([(0.0, -0.4), (1.0 * math.cos(angle), -0.4 + 1.0 * math.sin(angle))], 0.22, _CREAM)
    pen.ellipse(0.0, -0.4, 0.14, 0.14, (80, 70, 70))


@dataclass(frozen=True)
class PlaceDrawing:
    """The drawing of a place: its landmark, and the colour of its ground."""

    landmark: Callable[[Pen], None]
    ground: RGB


PLACE_DRAWINGS: dict[str, PlaceDrawing] = {
    "tokyo": PlaceDrawing(_draw_tokyo, _LAWN),
    "paris": PlaceDrawing(_draw_paris, _LAWN),
    "cairo": PlaceDrawing(_draw_cairo, (240, 206, 130)),
    "london": PlaceDrawing(_draw_london, _PAVING),
    "new york": PlaceDrawing(_draw_new_york, _WATER),
    "venice": PlaceDrawing(_draw_venice, _WATER),
    "rome": PlaceDrawing(_draw_rome, _PAVING),
    "sydney": PlaceDrawing(_draw_sydney, _WATER),
    "agra": PlaceDrawing(_draw_agra, _LAWN),
    "rio": PlaceDrawing(_draw_rio, (250, 222, 160)),
    "beijing": PlaceDrawing(_draw_beijing, _PAVING),
    "amsterdam": PlaceDrawing(_draw_amsterdam, _LAWN),
}
"""The drawing of every place of the vocabulary."""
LANDMARK_SPOT = (0.28, 0.27)
"""The landmark's position (share of the width) and half its size (share of the short side)."""


def draw_place(canvas: SceneCanvas, name: str) -> None:
    """Draws the ground and the landmark of the place ``name``."""
    place = PLACE_DRAWINGS[name]
    draw_sky(canvas)
    canvas.ground(place.ground, darken_colour(place.ground, 0.22))
    x, half = LANDMARK_SPOT
    pixels = canvas.pixels
    foot = (canvas.horizon + 0.07) * pixels.height
    centre = (x * pixels.width, foot - half * pixels.short)
    place.landmark(
        Pen(pixels, centre, half * pixels.short, tint=lambda colour: _floodlit_colour(canvas, colour))
    )


def _floodlit_colour(canvas: SceneCanvas, colour: RGB) -> RGB:
    """Returns the landmark's colour: at night it is lit as well as the figures are."""
    return canvas.glowing(apply_light(colour, canvas.light.subject))
