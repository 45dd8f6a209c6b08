"""Suggestions are about what is in the picture, and each is one that can be carried out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.scene_critic.fake_detector import FakeDetector, detection, scene_showing
from tests.unit.worker.stages.making import noise
from worker.scene_critic.detections import SceneDetections
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.protocol import Suggestions
from worker.vision.trained_suggester import TrainedSuggester

LEFT = np.repeat(np.repeat([[1.0, 0.0]], 128, 0), 64, 1).astype(np.float32)


def suggested(what: SceneDetections, region: np.ndarray | None = None) -> Suggestions:
    return TrainedSuggester(FakeDetector(what)).suggest(noise(128, 128), region)


def instructions(found: Suggestions) -> list[str]:
    return [edit.instruction for edit in found.edits]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    "facts", [{}, {"setting": "space", "light": "night"}, {"setting": "", "place": "rome"}]
)
def test_there_are_three_to_six_each_with_a_reason(subject: str, facts: dict[str, str]) -> None:
    found = suggested(scene_showing(detection(subject), sure=0.9, **facts))
    assert found.by == "critic"
    assert 3 <= len(found.edits) <= 6
    assert len(set(instructions(found))) == len(found.edits)
    assert all(edit.why for edit in found.edits)


def test_they_speak_of_what_is_seen() -> None:
    first, *others = suggested(scene_showing(detection("boat", "red", x=0.7))).edits
    assert (first.instruction, first.why) == ("make the boat blue", "The boat is red: blue would stand out.")
    assert any("to the left of the boat" in edit.instruction for edit in others)


def test_of_two_things_the_smaller_may_go() -> None:
    assert "remove the cat" in instructions(suggested(scene_showing(detection("boat"), detection("cat"))))


def test_it_is_not_suggested_to_make_things_as_they_are() -> None:
    words = instructions(
        suggested(scene_showing(detection("boat"), light="night", season="winter", style="watercolour"))
    )
    assert not {"make it night", "make it winter", "turn it into watercolour"} & set(words)


def test_a_regions_suggestions_are_about_what_is_in_it() -> None:
    found = suggested(scene_showing(detection("boat")), LEFT)
    assert len(found.edits) >= 3 and all("boat" in words for words in instructions(found))


def test_without_anything_that_it_knows_the_rules_suggest() -> None:
    assert suggested(scene_showing()).by == "rules"
    assert suggested(scene_showing(detection("boat", confidence=0.2))).by == "rules"
    assert suggested(scene_showing(detection("boat")), 1 - LEFT).by == "rules"
