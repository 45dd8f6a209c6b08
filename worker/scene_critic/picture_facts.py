"""The facts that the detector reads from a whole picture, with the possible answers; "" means none."""

from __future__ import annotations

from collections.abc import Mapping

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS

FACTS: Mapping[str, tuple[str, ...]] = {
    "count": ("1", "2", "3", "4"),
    "setting": ("", *SETTINGS),
    "light": LIGHTS,
    "place": ("", *PLACES),
    "style": tuple(STYLES),
    "season": ("", *SEASONS),
    "weather": tuple(WEATHERS),
}
