"""The whole scene vocabulary as one list for people: what the embedded model can draw."""

from __future__ import annotations

from collections.abc import Mapping

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.english import NUMBERS
from worker.scene_vocabulary.lights import LIGHT_NAMES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

RELATIONS = ("left of", "right of", "above", "below", "in front of", "behind", "next to")
"""Where one subject can stand, seen from another."""


def list_vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Returns the plain names of everything that the embedded model can draw, by kind."""
    return {
        "subjects": tuple(each.names[0] for each in SUBJECTS.values()),
        "colours": tuple(COLOURS),
        "numbers": ("one", *NUMBERS.values()),
        "settings": tuple(each.name for each in SETTINGS.values()),
        "lights": tuple(names[0] for names in LIGHT_NAMES.values()),
        "places": tuple(each.names[0] for each in PLACES.values()),
        "seasons": tuple(each.name for each in SEASONS.values()),
        "weathers": tuple(each.name for each in WEATHERS.values()),
        "styles": tuple(each.name for each in STYLES.values()),
        "relations": RELATIONS,
    }
