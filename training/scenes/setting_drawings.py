"""The drawings of settings: the ground below the horizon, and what stands on it."""

from __future__ import annotations

from collections.abc import Callable

from worker.scene_vocabulary.colours import RGB

from .palette import darken_colour, lighten_colour, mix_colours
from .pixel_canvas import arc_points
from .scene_canvas import SceneCanvas, draw_season_signs, draw_sky


def draw_sea(canvas: SceneCanvas) -> None:
    """Draws the sea with rows of waves."""
    draw_sky(canvas)
    canvas.ground((36, 140, 198), (12, 82, 150))
    for row, columns in ((0.2, (0.1, 0.6)), (0.5, (0.3, 0.9)), (0.85, (0.05, 0.65))):
        y = canvas.horizon + (1 - canvas.horizon) * row
        for x in columns:
            canvas.pen(x, y, 0.1).box(-1.0, -0.14, 1.0, 0.14, (126, 204, 232))


def draw_meadow(canvas: SceneCanvas) -> None:
    """Draws hills, grass and flowers."""
    draw_sky(canvas)
    canvas.hill(0.2, 0.9, 0.14, lighten_colour(canvas.grass, 0.15))
    canvas.hill(0.85, 0.7, 0.1, darken_colour(canvas.grass, 0.08))
    canvas.ground(canvas.grass, darken_colour(canvas.grass, 0.25))
    if not canvas.season:
        for _ in range(6):
            y = canvas.rng.uniform(canvas.horizon + 0.08, 0.96)
            canvas.pen(canvas.rng.random(), y, 0.03).ellipse(0, 0, 1, 1, (252, 248, 232))
    draw_season_signs(canvas)


def draw_desert(canvas: SceneCanvas) -> None:
    """Draws dunes and two cacti."""
    draw_sky(canvas)
    canvas.hill(0.15, 0.9, 0.16, (232, 184, 112))
    canvas.hill(0.9, 0.8, 0.1, (222, 168, 96))
    canvas.ground((244, 204, 126), (216, 160, 86))
    for x in (0.08, 0.92):
        pen = canvas.pen(x, canvas.horizon - 0.06, 0.17)
        cactus: RGB = (58, 132, 80)
        pen.line([(-0.6, -0.35), (-0.6, 0.2), (0.0, 0.2)], 0.3, cactus)
        pen.line([(0.6, -0.5), (0.6, 0.0), (0.0, 0.0)], 0.3, cactus)
        pen.line([(0.0, -0.8), (0.0, 1.0)], 0.4, cactus)


def draw_city(canvas: SceneCanvas) -> None:
    """Draws a street before lit towers."""
    draw_sky(canvas)
    towers = ((0.0, 0.16, 0.42), (0.16, 0.14, 0.28), (0.3, 0.2, 0.36), (0.5, 0.16, 0.24))
    for left, width, tall in (*towers, (0.66, 0.18, 0.34), (0.84, 0.16, 0.46)):
        _draw_tower(canvas, left, width, tall)
    canvas.ground((150, 150, 158), (104, 104, 114))
    middle = canvas.horizon + (1 - canvas.horizon) * 0.62
    for x in (0.12, 0.5, 0.88):
        canvas.pen(x, middle, 0.1).box(-1.0, -0.16, 1.0, 0.16, (244, 240, 214))
    draw_season_signs(canvas)


def _draw_tower(canvas: SceneCanvas, left: float, width: float, tall: float) -> None:
    colour = mix_colours((112, 122, 146), (158, 146, 150), (left * 7) % 1.0)
    stretch = canvas.pixels.width / canvas.pixels.short
    half = width * stretch / 2
    pen = canvas.pen(left + width / 2, canvas.horizon, 1.0)
    pen.box(-half, -tall, half, 0.03, colour)
    window: RGB = (255, 224, 120) if canvas.night else (206, 226, 240)
    lights = canvas.pen(left + width / 2, canvas.horizon, 1.0, glows=canvas.night)
    y = -tall + 0.05
    while y < -0.06:
        for x in (-0.5, 0.5):
            lights.box((x - 0.22) * half, y, (x + 0.22) * half, y + 0.045, window)
        y += 0.1


def draw_snow(canvas: SceneCanvas) -> None:
    """Draws snowy hills and two firs."""
    draw_sky(canvas)
    canvas.hill(0.25, 0.9, 0.14, (224, 236, 248))
    canvas.hill(0.85, 0.8, 0.1, (214, 228, 244))
    canvas.ground((246, 250, 255), (212, 226, 244))
    for x in (0.08, 0.92):
        _draw_fir(canvas, x, 0.2, (60, 120, 100))
        canvas.pen(x, canvas.horizon - 0.06 - 0.16, 0.09).polygon(
            [(-0.6, 0.2), (0.6, 0.2), (0.0, -0.9)], (248, 251, 255)
        )


def _draw_fir(canvas: SceneCanvas, x: float, half: float, colour: RGB) -> None:
    pen = canvas.pen(x, canvas.horizon - half * 0.6, half)
    pen.box(-0.14, 0.7, 0.14, 1.1, (104, 70, 46))
    for y, width in ((0.8, 0.8), (0.25, 0.64), (-0.25, 0.46)):
        pen.polygon([(-width, y), (width, y), (0.0, y - 0.85)], colour)


def draw_room(canvas: SceneCanvas) -> None:
    """Draws a table before a wall with a window, which shows the time of day."""
    wall: RGB = (240, 218, 184)
    canvas.strip(0.0, 1.0, wall)
    light = canvas.light
    frame: RGB = (250, 248, 240) if not canvas.night else (120, 114, 120)
    x = canvas.rng.choice((0.16, 0.84))
    pen = canvas.pen(x, 0.24, 0.17, glows=True)
    pen.box(-1.0, -1.0, 1.0, 1.0, frame)
    pen.box(-0.8, -0.8, 0.8, 0.8, mix_colours(light.sky_top, light.sky_bottom, 0.5))
    if canvas.night:
        pen.polygon(arc_points(0.3, -0.3, 0.34, 0.34), (250, 246, 214))
    elif canvas.light_name == "sunset":
        pen.polygon(arc_points(0.0, 0.8, 0.6, 0.7, 180, 360), (255, 104, 60))
    pen.line([(0.0, -0.9), (0.0, 0.9)], 0.16, frame)
    canvas.ground((184, 122, 72), (146, 92, 52))
    canvas.strip(canvas.horizon, canvas.horizon + 0.035, (214, 156, 104))


def draw_forest(canvas: SceneCanvas) -> None:
    """Draws firs, near and far."""
    draw_sky(canvas)
    far: RGB = mix_colours((44, 116, 66), canvas.grass, 0.4) if canvas.season else (44, 116, 66)
    for x in (0.02, 0.2, 0.38, 0.56, 0.74, 0.92):
        pen = canvas.pen(x, canvas.horizon - 0.16, 0.2)
        pen.polygon([(-0.75, 1.0), (0.75, 1.0), (0.0, -1.1)], far)
    canvas.ground(
        mix_colours((58, 122, 58), canvas.grass, 0.5),
        darken_colour(mix_colours((58, 122, 58), canvas.grass, 0.3), 0.2),
    )
    for x in (0.06, 0.94):
        _draw_fir(canvas, x, 0.34, mix_colours((30, 92, 54), canvas.grass, 0.5 if canvas.season else 0.0))
    draw_season_signs(canvas)


def draw_beach(canvas: SceneCanvas) -> None:
    """Draws sand, the sea and a palm tree."""
    draw_sky(canvas)
    shore = canvas.horizon + (1 - canvas.horizon) * 0.34
    canvas.ground((250, 222, 160), (238, 198, 128))
    canvas.strip(canvas.horizon, shore, (44, 160, 206))
    canvas.strip(shore, shore + 0.02, (250, 252, 252))
    pen = canvas.pen(0.12, canvas.horizon - 0.1, 0.34)
    pen.line([(-0.14, 1.0), (-0.08, 0.2), (0.06, -0.5)], 0.18, (140, 92, 54))
    for tip in ((-0.8, -0.1), (-0.5, -0.94), (0.56, -0.98), (0.9, -0.14)):
        middle = (0.06 + tip[0] * 0.55, -0.72 + tip[1] * 0.14)
        pen.line([(0.06, -0.5), middle, tip], 0.24, (44, 150, 78))


def draw_mountains(canvas: SceneCanvas) -> None:
    """Draws two snowy peaks."""
    draw_sky(canvas)
    stretch = canvas.pixels.width / canvas.pixels.short
    for x, half, tall, colour in ((0.18, 0.4, 0.42, (122, 132, 158)), (0.84, 0.36, 0.36, (106, 116, 144))):
        pen = canvas.pen(x, canvas.horizon + 0.02, 1.0)
        width = half * stretch
        pen.polygon([(-width, 0.0), (width, 0.0), (0.0, -tall)], colour)
        pen.polygon(
            [(-width * 0.36, -tall * 0.64), (width * 0.36, -tall * 0.64), (0.0, -tall)], (250, 252, 255)
        )
    canvas.ground(
        mix_colours(canvas.grass, (120, 140, 96), 0.4),
        darken_colour(mix_colours(canvas.grass, (120, 140, 96), 0.4), 0.25),
    )
    draw_season_signs(canvas)


def draw_space(canvas: SceneCanvas) -> None:
    """Draws stars, a planet with its ring, and the grey ground of a moon."""
    canvas.pixels.fill(canvas.glowing((14, 10, 40)), canvas.glowing((44, 26, 84)))
    for _ in range(14):
        spot = canvas.pen(canvas.rng.random(), canvas.rng.uniform(0.02, 0.7), 0.018, glows=True)
        spot.ellipse(0, 0, 1, 1, (240, 240, 255))
    pen = canvas.pen(0.84, 0.18, 0.13, glows=True)
    pen.ellipse(0, 0, 1, 1, (232, 150, 92))
    pen.line([(-1.6, 0.4), (0.0, 0.16), (1.6, -0.4)], 0.22, (250, 216, 150))
    moon = canvas.pen(0.5, 1.12, 1.0, glows=True)
    moon.ellipse(0.0, 0.0, 0.95 * canvas.pixels.width / canvas.pixels.short, 0.34, (136, 134, 154))
    for x, y in ((0.14, 0.94), (0.86, 0.95)):
        canvas.pen(x, y, 0.06, glows=True).ellipse(0, 0, 1, 0.5, (104, 102, 124))


def draw_underwater(canvas: SceneCanvas) -> None:
    """Draws light that fades downwards, weed, and sand."""
    canvas.pixels.fill(canvas.seen((84, 206, 224)), canvas.seen((16, 92, 158)))
    floor = canvas.pen(0.5, 1.06, 1.0)
    floor.ellipse(0.0, 0.0, 0.9 * canvas.pixels.width / canvas.pixels.short, 0.2, (232, 208, 146))
    for x in (0.08, 0.92):
        pen = canvas.pen(x, 0.78, 0.24)
        for dx in (-0.3, 0.3):
            stem = [(dx, 1.0), (dx + 0.16, 0.4), (dx - 0.1, -0.2), (dx + 0.1, -0.8)]
            pen.line(stem, 0.24, (40, 148, 92))
    for x, y in ((0.14, 0.34), (0.2, 0.16), (0.86, 0.28), (0.8, 0.1)):
        canvas.pen(x, y, 0.035).ellipse(0, 0, 1, 1, (206, 244, 250))


def draw_garden(canvas: SceneCanvas) -> None:
    """Draws a white fence and rows of flowers."""
    draw_sky(canvas)
    canvas.ground(canvas.grass, darken_colour(canvas.grass, 0.25))
    top = canvas.horizon - 0.12
    for n in range(9):
        x = (n + 0.5) / 9
        canvas.pen(x, canvas.horizon - 0.04, 0.1).polygon(
            [(-0.36, 0.9), (-0.36, -0.7), (0.0, -1.1), (0.36, -0.7), (0.36, 0.9)], (250, 248, 240)
        )
    canvas.strip(top + 0.06, top + 0.09, (236, 232, 222))
    for n in range(5):
        for y, colour in ((canvas.horizon + 0.1, (240, 90, 120)), (0.95, (250, 196, 60))):
            canvas.pen((n + 0.5) / 5, y, 0.04).ellipse(0, 0, 1, 1, colour)
    draw_season_signs(canvas)


def draw_farm(canvas: SceneCanvas) -> None:
    """Draws a red barn, and the furrows of a field."""
    draw_sky(canvas)
    canvas.hill(0.7, 0.9, 0.1, lighten_colour(canvas.grass, 0.1))
    canvas.ground(
        mix_colours(canvas.grass, (206, 178, 84), 0.6),
        darken_colour(mix_colours(canvas.grass, (206, 178, 84), 0.6), 0.2),
    )
    for row in (0.25, 0.6, 0.95):
        y = canvas.horizon + (1 - canvas.horizon) * row
        canvas.strip(y, min(y + 0.022, 1.0), mix_colours(canvas.grass, (150, 112, 58), 0.7))
    pen = canvas.pen(0.14, canvas.horizon - 0.1, 0.22)
    pen.box(-0.8, -0.2, 0.8, 0.9, (186, 56, 48))
    pen.polygon([(-1.0, -0.14), (-0.56, -0.76), (0.56, -0.76), (1.0, -0.14)], (110, 66, 60))
    pen.box(-0.32, 0.2, 0.32, 0.9, (250, 246, 236))
    draw_season_signs(canvas)


def draw_plain(canvas: SceneCanvas) -> None:
    """Draws one light colour, as behind a product."""
    canvas.strip(0.0, 1.0, (236, 234, 228))


SETTING_DRAWINGS: dict[str, Callable[[SceneCanvas], None]] = {
    "sea": draw_sea,
    "meadow": draw_meadow,
    "desert": draw_desert,
    "city": draw_city,
    "snow": draw_snow,
    "room": draw_room,
    "forest": draw_forest,
    "beach": draw_beach,
    "mountains": draw_mountains,
    "space": draw_space,
    "underwater": draw_underwater,
    "garden": draw_garden,
    "farm": draw_farm,
    "plain": draw_plain,
}
"""The drawing of every setting of the vocabulary."""
