"""Every word of the scene vocabulary has a drawing, in the same order, and no drawing lacks a word."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from training.scenes.palette import LIGHTINGS
from training.scenes.place_drawings import PLACE_DRAWINGS
from training.scenes.setting_drawings import SETTING_DRAWINGS
from training.scenes.style_effects import STYLE_EFFECTS
from training.scenes.subject_drawings import SUBJECT_DRAWINGS
from training.scenes.weather_effects import SEASON_COLOURS, WEATHER_EFFECTS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS


@pytest.mark.parametrize(
    ("drawings", "words"),
    [
        (SUBJECT_DRAWINGS, SUBJECTS),
        (SETTING_DRAWINGS, SETTINGS),
        (PLACE_DRAWINGS, PLACES),
        (STYLE_EFFECTS, STYLES),
        (SEASON_COLOURS, SEASONS),
        (WEATHER_EFFECTS, WEATHERS),
        (LIGHTINGS, LIGHTS),
    ],
    ids=["subjects", "settings", "places", "styles", "seasons", "weathers", "lights"],
)
def test_every_word_is_drawn(drawings: Collection[str], words: Collection[str]) -> None:
    assert list(drawings) == list(words)
