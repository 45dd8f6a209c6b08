"""The styles, seasons and weathers of scenes: what people call each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Appearance:
    """The words for one style, season or weather."""

    name: str
    """Stands alone in a list of keywords."""
    phrases: tuple[str, ...]
    """Follow the subject. The first is the plain one."""


STYLES: dict[str, Appearance] = {
    "flat": Appearance("flat", ("in a flat style", "as a flat illustration", "in flat colours")),
    "pencil": Appearance(
        "pencil", ("as a pencil drawing", "in pencil", "as a pencil sketch", "drawn with pencils")
    ),
    "watercolour": Appearance(
        "watercolour",
        ("as a watercolour", "in watercolour", "painted in watercolor", "as a watercolor painting"),
    ),
    "neon": Appearance("neon", ("in neon", "in neon style", "as a neon sign", "in glowing neon lights")),
    "pixel": Appearance(
        "pixel art", ("as pixel art", "in pixel art style", "in pixels", "like an old video game")
    ),
}
SEASONS: dict[str, Appearance] = {
    "spring": Appearance("spring", ("in spring", "in springtime", "on a spring day", "in the spring")),
    "summer": Appearance("summer", ("in summer", "in summertime", "on a summer day", "in the summer")),
    "autumn": Appearance("autumn", ("in autumn", "in the fall", "on an autumn day", "among autumn leaves")),
    "winter": Appearance("winter", ("in winter", "in wintertime", "on a winter day", "in the winter")),
}
WEATHERS: dict[str, Appearance] = {
    "clear": Appearance("clear sky", ("under a clear sky", "in clear weather")),
    "rain": Appearance("rain", ("in the rain", "on a rainy day", "in rainy weather", "in heavy rain")),
    "snow": Appearance(
        "snowfall", ("while it snows", "in falling snow", "with snow falling", "in a snowstorm")
    ),
    "fog": Appearance("fog", ("in the fog", "in thick fog", "on a foggy day", "in the mist")),
}
