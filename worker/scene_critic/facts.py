"""What is read from a whole picture, and the possible answers to each; "" is none of them."""

from __future__ import annotations

from collections.abc import Mapping

from training.scenes.composition import Scene
from training.scenes.palette import LIGHTS
from training.scenes.places import PLACES
from training.scenes.scene_settings import SETTINGS
from training.scenes.styles import STYLES
from training.scenes.weather import SEASONS, WEATHERS

FACTS: Mapping[str, tuple[str, ...]] = {
    "count": ("1", "2", "3", "4"),
    "setting": ("", *SETTINGS),
    "light": tuple(LIGHTS),
    "place": ("", *PLACES),
    "style": tuple(STYLES),
    "season": ("", *SEASONS),
    "weather": tuple(WEATHERS),
}


def facts_of(scene: Scene) -> dict[str, str]:
    """The right answers; the count is the first figure's."""
    return {
        "count": str(scene.figures[0].count),
        "setting": "" if scene.place else scene.setting,
        "light": scene.light,
        "place": scene.place,
        "style": scene.style,
        "season": scene.season,
        "weather": scene.weather,
    }
