"""Weather and seasons: what each does to a scene's colours."""

from __future__ import annotations

from dataclasses import dataclass

from worker.scene_vocabulary.colours import RGB


@dataclass(frozen=True)
class WeatherEffect:
    """A veil of one colour between the viewer and the scene."""

    veil: RGB = (0, 0, 0)
    thickness: float = 0.0
    """How much of the veil's colour the background takes; the figures take a quarter of that."""


@dataclass(frozen=True)
class SeasonColours:
    """The colours that a season gives to plants and to the ground."""

    grass: RGB
    crown: RGB
    """The crowns of the trees that show the season."""
    litter: RGB
    """Petals, flowers, leaves or snow on the ground."""


WEATHER_EFFECTS: dict[str, WeatherEffect] = {
    "clear": WeatherEffect(),
    "rain": WeatherEffect((92, 108, 134), 0.5),
    "snow": WeatherEffect((190, 204, 224), 0.35),
    "fog": WeatherEffect((206, 210, 214), 0.72),
}
"""The effect of every weather of the vocabulary."""

SEASON_COLOURS: dict[str, SeasonColours] = {
    "spring": SeasonColours((150, 212, 96), (250, 172, 204), (250, 172, 204)),
    "summer": SeasonColours((84, 178, 52), (34, 128, 48), (255, 214, 40)),
    "autumn": SeasonColours((206, 158, 72), (226, 104, 30), (214, 84, 30)),
    "winter": SeasonColours((238, 244, 252), (224, 236, 248), (255, 255, 255)),
}
"""The colours of every season of the vocabulary."""
