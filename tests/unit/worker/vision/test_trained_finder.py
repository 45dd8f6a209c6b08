"""A named subject is found where it is detected; the fallback finds all else."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.scene_critic.fake_detector import FakeDetector, detection, scene_showing
from tests.unit.worker.stages.making import noise
from training.scenes.ground_truth import scene_truth
from training.scenes.scene_sampling import Figure, Scene, render_scene
from worker.engines.protocol import Picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.stages.locate import box_of
from worker.vision.protocol import FoundRegion
from worker.vision.trained_finder import TrainedFinder
from worker.vision.vision_tools import TrainedVisionTools


class FallbackFinder:
    name = "fallback"

    def find(self, picture: Picture, words: str) -> FoundRegion | None:
        del words
        return FoundRegion(np.ones(picture.shape[:2], np.float32), self.name)


def found(words: str) -> FoundRegion:
    answer = TrainedFinder(FakeDetector(scene_showing(detection("boat"))), FallbackFinder()).find(
        noise(128, 128), words
    )
    assert answer is not None
    return answer


@pytest.mark.parametrize("words", ["the boat", "boat", "the red sailboat"])
def test_a_known_subject_is_where_the_network_is_warm(words: str) -> None:
    answer = found(words)
    assert answer.by == "critic"
    assert answer.mask[64, 32] == 1 and answer.mask[64, 110] == 0


@pytest.mark.parametrize("words", ["the dragon", "the red thing", "the background", "the green cat"])
def test_what_the_network_does_not_know_is_left_to_the_fallback(words: str) -> None:
    assert found(words).by == "fallback"


def test_another_thing_is_not_taken_for_the_named_one() -> None:
    finder = TrainedFinder(FakeDetector(scene_showing(detection("boat"))), FallbackFinder())
    assert finder.find(noise(128, 128), "the cat") is None


def test_where_nothing_is_clear_the_fallback_looks() -> None:
    finder = TrainedFinder(FakeDetector(scene_showing(detection("boat", confidence=0.4))), FallbackFinder())
    answer = finder.find(noise(128, 128), "the cat")
    assert answer is not None and answer.by == "fallback"


@pytest.mark.parametrize(
    ("name", "slots"), [("the boat", ("pair left", "pair right")), ("the cat", ("pair right", "pair left"))]
)
def test_of_two_things_in_a_picture_the_named_one_is_found(name: str, slots: tuple[str, str]) -> None:
    subject, other = name.removeprefix("the "), "tree"
    scene = Scene((Figure(subject, "red", slots[0]), Figure(other, "green", slots[1])), "beach", "day", 4)
    picture = levels_to_floats(render_scene(scene, 256, 256))
    answer = TrainedVisionTools(("starter",)).finder("starter").find(picture, name)
    assert answer is not None and answer.by == "critic"
    assert _overlap(box_of(answer.mask), scene_truth(scene, 256, 256).subjects[0].box) >= 0.5


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union."""
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down / (areas - across * down)
