"""Weather and seasons: what they do to a scene's colours, and the few bold signs of each."""

from __future__ import annotations

from dataclasses import dataclass

from .palette import Colour


@dataclass(frozen=True)
class Weather:
    """What hangs in the air."""

    phrases: tuple[str, ...]
    name: str
    veil: Colour = (0, 0, 0)
    thickness: float = 0.0
    """How much of the veil's colour the background takes; the figures take a quarter of that."""


@dataclass(frozen=True)
class Season:
    """What a season does to what grows."""

    phrases: tuple[str, ...]
    name: str
    grass: Colour
    crown: Colour
    """Of the trees that tell the season."""
    bits: Colour
    """Petals, flowers, leaves or snow on the ground."""


WEATHERS: dict[str, Weather] = {
    "clear": Weather(("under a clear sky", "in clear weather"), "clear sky"),
    "rain": Weather(
        ("in the rain", "on a rainy day", "in rainy weather", "in heavy rain"), "rain", (92, 108, 134), 0.5
    ),
    "snow": Weather(
        ("while it snows", "in falling snow", "with snow falling", "in a snowstorm"),
        "snowfall",
        (190, 204, 224),
        0.35,
    ),
    "fog": Weather(
        ("in the fog", "in thick fog", "on a foggy day", "in the mist"), "fog", (206, 210, 214), 0.72
    ),
}

SEASONS: dict[str, Season] = {
    "spring": Season(
        ("in spring", "in springtime", "on a spring day", "in the spring"),
        "spring",
        (150, 212, 96),
        (250, 172, 204),
        (250, 172, 204),
    ),
    "summer": Season(
        ("in summer", "in summertime", "on a summer day", "in the summer"),
        "summer",
        (84, 178, 52),
        (34, 128, 48),
        (255, 214, 40),
    ),
    "autumn": Season(
        ("in autumn", "in the fall", "on an autumn day", "among autumn leaves"),
        "autumn",
        (206, 158, 72),
        (226, 104, 30),
        (214, 84, 30),
    ),
    "winter": Season(
        ("in winter", "in wintertime", "on a winter day", "in the winter"),
        "winter",
        (238, 244, 252),
        (224, 236, 248),
        (255, 255, 255),
    ),
}
