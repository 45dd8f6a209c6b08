"""The plain sheet's prompts cover the whole of the scenes' vocabulary."""

from __future__ import annotations

from training.sheets.plain_prompts import plain_prompts
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS


def test_the_prompts_are_all_different_and_cover_everything() -> None:
    prompts = plain_prompts()
    assert len(set(prompts)) == 48
    said = " ; ".join(prompts)
    assert all(f" {colour} " in said for colour in COLOURS)
    assert all(kind.names[0] in said for kind in SUBJECTS.values())
    assert all(place.phrases[0] in said for place in SETTINGS.values())
    assert all(light in said for light in ("by day", "at sunset", "at night"))
