"""What each light does to the colours of a scene, and how colours are mixed."""

from __future__ import annotations

from dataclasses import dataclass

from worker.scene_vocabulary.colours import RGB


@dataclass(frozen=True)
class Lighting:
    """A time of day: the sky's two ends, and factors for the colours of the ground and of subjects."""

    sky_top: RGB
    sky_bottom: RGB
    ground: tuple[float, float, float]
    subject: tuple[float, float, float]


LIGHTINGS: dict[str, Lighting] = {
    "day": Lighting((92, 176, 240), (206, 236, 252), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    "sunset": Lighting((150, 66, 122), (255, 168, 78), (0.95, 0.72, 0.62), (1.0, 0.9, 0.84)),
    "night": Lighting((12, 16, 52), (46, 58, 118), (0.36, 0.42, 0.62), (0.84, 0.86, 0.96)),
    "dawn": Lighting((176, 178, 236), (255, 214, 222), (0.92, 0.86, 0.94), (0.97, 0.94, 0.97)),
}


def mix_colours(one: RGB, other: RGB, share: float) -> RGB:
    """Returns the colour ``share`` (0 to 1) of the way from ``one`` to ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darken_colour(colour: RGB, share: float = 0.35) -> RGB:
    """Mixes ``colour`` with a dark violet."""
    return mix_colours(colour, (20, 18, 34), share)


def lighten_colour(colour: RGB, share: float = 0.45) -> RGB:
    """Mixes ``colour`` with white."""
    return mix_colours(colour, (255, 255, 255), share)


def luma(colour: RGB) -> float:
    """Returns the luma of BT.601, from 0 to 1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def apply_light(colour: RGB, light: tuple[float, float, float]) -> RGB:
    """Multiplies each channel of ``colour`` by that of ``light``."""
    red, green, blue = (min(255, round(c * k)) for c, k in zip(colour, light, strict=True))
    return red, green, blue
