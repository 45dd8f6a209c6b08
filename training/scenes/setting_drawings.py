"""Where the scenes are set. Each draws its ground below the horizon, and what stands on it."""

from __future__ import annotations

from collections.abc import Callable

from worker.scene_vocabulary.colours import RGB

from .canvas import arc
from .palette import darker, lighter, mix
from .scene_canvas import Stage, season_signs, sky


def sea(stage: Stage) -> None:
    sky(stage)
    stage.ground((36, 140, 198), (12, 82, 150))
    for row, columns in ((0.2, (0.1, 0.6)), (0.5, (0.3, 0.9)), (0.85, (0.05, 0.65))):
        y = stage.horizon + (1 - stage.horizon) * row
        for x in columns:
            stage.pen(x, y, 0.1).box(-1.0, -0.14, 1.0, 0.14, (126, 204, 232))


def meadow(stage: Stage) -> None:
    sky(stage)
    stage.hill(0.2, 0.9, 0.14, lighter(stage.grass, 0.15))
    stage.hill(0.85, 0.7, 0.1, darker(stage.grass, 0.08))
    stage.ground(stage.grass, darker(stage.grass, 0.25))
    if not stage.season:
        for _ in range(6):
            y = stage.dice.uniform(stage.horizon + 0.08, 0.96)
            stage.pen(stage.dice.random(), y, 0.03).ellipse(0, 0, 1, 1, (252, 248, 232))
    season_signs(stage)


def desert(stage: Stage) -> None:
    sky(stage)
    stage.hill(0.15, 0.9, 0.16, (232, 184, 112))
    stage.hill(0.9, 0.8, 0.1, (222, 168, 96))
    stage.ground((244, 204, 126), (216, 160, 86))
    for x in (0.08, 0.92):
        pen = stage.pen(x, stage.horizon - 0.06, 0.17)
        cactus: RGB = (58, 132, 80)
        pen.line([(-0.6, -0.35), (-0.6, 0.2), (0.0, 0.2)], 0.3, cactus)
        pen.line([(0.6, -0.5), (0.6, 0.0), (0.0, 0.0)], 0.3, cactus)
        pen.line([(0.0, -0.8), (0.0, 1.0)], 0.4, cactus)


def city(stage: Stage) -> None:
    sky(stage)
    towers = ((0.0, 0.16, 0.42), (0.16, 0.14, 0.28), (0.3, 0.2, 0.36), (0.5, 0.16, 0.24))
    for left, width, tall in (*towers, (0.66, 0.18, 0.34), (0.84, 0.16, 0.46)):
        _tower(stage, left, width, tall)
    stage.ground((150, 150, 158), (104, 104, 114))
    middle = stage.horizon + (1 - stage.horizon) * 0.62
    for x in (0.12, 0.5, 0.88):
        stage.pen(x, middle, 0.1).box(-1.0, -0.16, 1.0, 0.16, (244, 240, 214))
    season_signs(stage)


def _tower(stage: Stage, left: float, width: float, tall: float) -> None:
    colour = mix((112, 122, 146), (158, 146, 150), (left * 7) % 1.0)
    stretch = stage.canvas.width / stage.canvas.short
    half = width * stretch / 2
    pen = stage.pen(left + width / 2, stage.horizon, 1.0)
    pen.box(-half, -tall, half, 0.03, colour)
    window: RGB = (255, 224, 120) if stage.night else (206, 226, 240)
    lights = stage.pen(left + width / 2, stage.horizon, 1.0, glows=stage.night)
    y = -tall + 0.05
    while y < -0.06:
        for x in (-0.5, 0.5):
            lights.box((x - 0.22) * half, y, (x + 0.22) * half, y + 0.045, window)
        y += 0.1


def snow(stage: Stage) -> None:
    sky(stage)
    stage.hill(0.25, 0.9, 0.14, (224, 236, 248))
    stage.hill(0.85, 0.8, 0.1, (214, 228, 244))
    stage.ground((246, 250, 255), (212, 226, 244))
    for x in (0.08, 0.92):
        _fir(stage, x, 0.2, (60, 120, 100))
        stage.pen(x, stage.horizon - 0.06 - 0.16, 0.09).polygon(
            [(-0.6, 0.2), (0.6, 0.2), (0.0, -0.9)], (248, 251, 255)
        )


def _fir(stage: Stage, x: float, half: float, colour: RGB) -> None:
    pen = stage.pen(x, stage.horizon - half * 0.6, half)
    pen.box(-0.14, 0.7, 0.14, 1.1, (104, 70, 46))
    for y, width in ((0.8, 0.8), (0.25, 0.64), (-0.25, 0.46)):
        pen.polygon([(-width, y), (width, y), (0.0, y - 0.85)], colour)


def room(stage: Stage) -> None:
    """A table before a wall with a window, which shows the time of day."""
    wall: RGB = (240, 218, 184)
    stage.strip(0.0, 1.0, wall)
    light = stage.light
    frame: RGB = (250, 248, 240) if not stage.night else (120, 114, 120)
    x = stage.dice.choice((0.16, 0.84))
    pen = stage.pen(x, 0.24, 0.17, glows=True)
    pen.box(-1.0, -1.0, 1.0, 1.0, frame)
    pen.box(-0.8, -0.8, 0.8, 0.8, mix(light.sky_top, light.sky_bottom, 0.5))
    if stage.night:
        pen.polygon(arc(0.3, -0.3, 0.34, 0.34), (250, 246, 214))
    elif stage.light_name == "sunset":
        pen.polygon(arc(0.0, 0.8, 0.6, 0.7, 180, 360), (255, 104, 60))
    pen.line([(0.0, -0.9), (0.0, 0.9)], 0.16, frame)
    stage.ground((184, 122, 72), (146, 92, 52))
    stage.strip(stage.horizon, stage.horizon + 0.035, (214, 156, 104))


def forest(stage: Stage) -> None:
    sky(stage)
    far: RGB = mix((44, 116, 66), stage.grass, 0.4) if stage.season else (44, 116, 66)
    for x in (0.02, 0.2, 0.38, 0.56, 0.74, 0.92):
        pen = stage.pen(x, stage.horizon - 0.16, 0.2)
        pen.polygon([(-0.75, 1.0), (0.75, 1.0), (0.0, -1.1)], far)
    stage.ground(mix((58, 122, 58), stage.grass, 0.5), darker(mix((58, 122, 58), stage.grass, 0.3), 0.2))
    for x in (0.06, 0.94):
        _fir(stage, x, 0.34, mix((30, 92, 54), stage.grass, 0.5 if stage.season else 0.0))
    season_signs(stage)


def beach(stage: Stage) -> None:
    sky(stage)
    shore = stage.horizon + (1 - stage.horizon) * 0.34
    stage.ground((250, 222, 160), (238, 198, 128))
    stage.strip(stage.horizon, shore, (44, 160, 206))
    stage.strip(shore, shore + 0.02, (250, 252, 252))
    pen = stage.pen(0.12, stage.horizon - 0.1, 0.34)
    pen.line([(-0.14, 1.0), (-0.08, 0.2), (0.06, -0.5)], 0.18, (140, 92, 54))
    for tip in ((-0.8, -0.1), (-0.5, -0.94), (0.56, -0.98), (0.9, -0.14)):
        middle = (0.06 + tip[0] * 0.55, -0.72 + tip[1] * 0.14)
        pen.line([(0.06, -0.5), middle, tip], 0.24, (44, 150, 78))


def mountains(stage: Stage) -> None:
    sky(stage)
    stretch = stage.canvas.width / stage.canvas.short
    for x, half, tall, colour in ((0.18, 0.4, 0.42, (122, 132, 158)), (0.84, 0.36, 0.36, (106, 116, 144))):
        pen = stage.pen(x, stage.horizon + 0.02, 1.0)
        width = half * stretch
        pen.polygon([(-width, 0.0), (width, 0.0), (0.0, -tall)], colour)
        pen.polygon(
            [(-width * 0.36, -tall * 0.64), (width * 0.36, -tall * 0.64), (0.0, -tall)], (250, 252, 255)
        )
    stage.ground(mix(stage.grass, (120, 140, 96), 0.4), darker(mix(stage.grass, (120, 140, 96), 0.4), 0.25))
    season_signs(stage)


def space(stage: Stage) -> None:
    """Stars, a planet with its ring, and the grey ground of a moon."""
    stage.canvas.fill(stage.glowing((14, 10, 40)), stage.glowing((44, 26, 84)))
    for _ in range(14):
        spot = stage.pen(stage.dice.random(), stage.dice.uniform(0.02, 0.7), 0.018, glows=True)
        spot.ellipse(0, 0, 1, 1, (240, 240, 255))
    pen = stage.pen(0.84, 0.18, 0.13, glows=True)
    pen.ellipse(0, 0, 1, 1, (232, 150, 92))
    pen.line([(-1.6, 0.4), (0.0, 0.16), (1.6, -0.4)], 0.22, (250, 216, 150))
    moon = stage.pen(0.5, 1.12, 1.0, glows=True)
    moon.ellipse(0.0, 0.0, 0.95 * stage.canvas.width / stage.canvas.short, 0.34, (136, 134, 154))
    for x, y in ((0.14, 0.94), (0.86, 0.95)):
        stage.pen(x, y, 0.06, glows=True).ellipse(0, 0, 1, 0.5, (104, 102, 124))


def underwater(stage: Stage) -> None:
    """The light comes from above and fades; weed and sand below."""
    stage.canvas.fill(stage.seen((84, 206, 224)), stage.seen((16, 92, 158)))
    floor = stage.pen(0.5, 1.06, 1.0)
    floor.ellipse(0.0, 0.0, 0.9 * stage.canvas.width / stage.canvas.short, 0.2, (232, 208, 146))
    for x in (0.08, 0.92):
        pen = stage.pen(x, 0.78, 0.24)
        for dx in (-0.3, 0.3):
            stem = [(dx, 1.0), (dx + 0.16, 0.4), (dx - 0.1, -0.2), (dx + 0.1, -0.8)]
            pen.line(stem, 0.24, (40, 148, 92))
    for x, y in ((0.14, 0.34), (0.2, 0.16), (0.86, 0.28), (0.8, 0.1)):
        stage.pen(x, y, 0.035).ellipse(0, 0, 1, 1, (206, 244, 250))


def garden(stage: Stage) -> None:
    """A white fence and rows of flowers."""
    sky(stage)
    stage.ground(stage.grass, darker(stage.grass, 0.25))
    top = stage.horizon - 0.12
    for n in range(9):
        x = (n + 0.5) / 9
        stage.pen(x, stage.horizon - 0.04, 0.1).polygon(
            [(-0.36, 0.9), (-0.36, -0.7), (0.0, -1.1), (0.36, -0.7), (0.36, 0.9)], (250, 248, 240)
        )
    stage.strip(top + 0.06, top + 0.09, (236, 232, 222))
    for n in range(5):
        for y, colour in ((stage.horizon + 0.1, (240, 90, 120)), (0.95, (250, 196, 60))):
            stage.pen((n + 0.5) / 5, y, 0.04).ellipse(0, 0, 1, 1, colour)
    season_signs(stage)


def farm(stage: Stage) -> None:
    """A red barn, and the furrows of a field."""
    sky(stage)
    stage.hill(0.7, 0.9, 0.1, lighter(stage.grass, 0.1))
    stage.ground(mix(stage.grass, (206, 178, 84), 0.6), darker(mix(stage.grass, (206, 178, 84), 0.6), 0.2))
    for row in (0.25, 0.6, 0.95):
        y = stage.horizon + (1 - stage.horizon) * row
        stage.strip(y, min(y + 0.022, 1.0), mix(stage.grass, (150, 112, 58), 0.7))
    pen = stage.pen(0.14, stage.horizon - 0.1, 0.22)
    pen.box(-0.8, -0.2, 0.8, 0.9, (186, 56, 48))
    pen.polygon([(-1.0, -0.14), (-0.56, -0.76), (0.56, -0.76), (1.0, -0.14)], (110, 66, 60))
    pen.box(-0.32, 0.2, 0.32, 0.9, (250, 246, 236))
    season_signs(stage)


def plain(stage: Stage) -> None:
    """Nothing: one light colour, as products are shown on."""
    stage.strip(0.0, 1.0, (236, 234, 228))


SETTING_DRAWINGS: dict[str, Callable[[Stage], None]] = {
    "sea": sea,
    "meadow": meadow,
    "desert": desert,
    "city": city,
    "snow": snow,
    "room": room,
    "forest": forest,
    "beach": beach,
    "mountains": mountains,
    "space": space,
    "underwater": underwater,
    "garden": garden,
    "farm": farm,
    "plain": plain,
}
"""The drawing of every setting of the vocabulary."""
