"""The colours of the scenes: what a caption may call a thing, and what each light does to it."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

COLOURS: dict[str, Colour] = {
    "red": (222, 40, 40),
    "orange": (246, 132, 24),
    "yellow": (252, 214, 40),
    "green": (46, 156, 62),
    "blue": (38, 90, 216),
    "purple": (136, 58, 188),
    "pink": (248, 130, 184),
    "white": (248, 248, 244),
    "black": (36, 36, 42),
    "brown": (132, 80, 44),
    "grey": (146, 150, 158),
    "turquoise": (40, 200, 194),
}


@dataclass(frozen=True)
class Light:
    """What a time of day does: the sky's two ends, and what the ground's and the subject's colours are
    multiplied by."""

    sky_top: Colour
    sky_bottom: Colour
    ground: tuple[float, float, float]
    subject: tuple[float, float, float]


LIGHTS: dict[str, Light] = {
    "day": Light((92, 176, 240), (206, 236, 252), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    "sunset": Light((150, 66, 122), (255, 168, 78), (0.95, 0.72, 0.62), (1.0, 0.9, 0.84)),
    "night": Light((12, 16, 52), (46, 58, 118), (0.36, 0.42, 0.62), (0.84, 0.86, 0.96)),
    "dawn": Light((176, 178, 236), (255, 214, 222), (0.92, 0.86, 0.94), (0.97, 0.94, 0.97)),
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour ``share`` (0 to 1) of the way from ``one`` to ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.35) -> Colour:
    return mix(colour, (20, 18, 34), share)


def lighter(colour: Colour, share: float = 0.45) -> Colour:
    return mix(colour, (255, 255, 255), share)


def brightness(colour: Colour) -> float:
    """How bright a colour looks, 0 to 1: the luma of BT.601."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def lit(colour: Colour, light: tuple[float, float, float]) -> Colour:
    """``colour`` with each channel multiplied by ``light``'s, as seen at that time of day."""
    red, green, blue = (min(255, round(c * k)) for c, k in zip(colour, light, strict=True))
    return red, green, blue
