from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from worker.vision.protocol import Suggestions
from worker.vision.rules_suggester import RulesSuggester


def suggested(picture: np.ndarray, region: np.ndarray | None = None) -> Suggestions:
    return RulesSuggester().suggest(picture, region)


def instructions(found: Suggestions) -> list[str]:
    return [edit.instruction for edit in found.edits]


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("size", [(300, 300), (640, 360), (2048, 1100)])
def test_there_are_three_to_six_each_with_a_reason(level: float, size: tuple[int, int]) -> None:
    found = suggested((noise(*size) * 0.1 + level * 0.9).astype(np.float32))
    assert 3 <= len(found.edits) <= 6
    assert len(set(instructions(found))) == len(found.edits)
    assert all(edit.why for edit in found.edits)


def test_light_is_suggested_by_what_there_is() -> None:
    assert instructions(suggested(noise(256, 256) * 0.3))[0] == "make it day"
    assert instructions(suggested(noise(256, 256) * 0.3 + 0.7))[0] == "make it night"


def test_a_wider_frame_and_more_pixels_are_for_those_that_lack_them() -> None:
    tasks = {edit.task for edit in suggested(noise(300, 300)).edits}
    assert tasks == {"edit", "outpaint", "upscale"}
    assert {edit.task for edit in suggested(noise(2048, 1100)).edits} == {"edit"}


def test_a_regions_suggestions_are_about_the_region() -> None:
    picture, region = noise(128, 128), np.zeros((128, 128), np.float32)
    picture[32:64, 32:64], region[32:64, 32:64] = (0.9, 0.1, 0.1), 1
    found = suggested(picture, region)
    assert instructions(found)[0] == "make what is red blue"
    assert len(found.edits) == 3


def test_an_empty_region_is_no_reason_to_fail() -> None:
    assert len(suggested(noise(64, 64), np.zeros((64, 64), np.float32)).edits) == 3
