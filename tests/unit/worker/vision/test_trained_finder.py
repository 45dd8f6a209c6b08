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


@pytest.mark.parametrize(
    "words",
    [
        *("the dragon", "the red thing", "the background", "the green cat"),
        *("the hat on the boat", "the boat's flag", "the boat sail"),
    ],
)
def test_what_the_network_does_not_know_is_left_to_the_fallback(words: str) -> None:
    assert found(words).by == "fallback"


@pytest.mark.parametrize(
    ("words", "lost"),
    [("the old boat", ("old",)), ("the boat on the sea", ("sea",)), ("le bateau rouge", ())],
)
def test_the_words_that_it_does_not_follow_are_told(words: str, lost: tuple[str, ...]) -> None:
    assert (found(words).by, found(words).unrecognized) == ("critic", lost)


def test_a_boat_of_another_colour_is_not_the_named_one() -> None:
    picture = np.zeros((128, 128, 3), np.float32)
    picture[:, :, 0] = 0.9
    finder = TrainedFinder(FakeDetector(scene_showing(detection("boat", "red"))), FallbackFinder())
    assert finder.find(picture, "the red boat") is not None
    assert finder.find(picture, "the blue boat") is None


class TwoBoats(FakeDetector):
    def heat_map(self, rgb: Picture, subject: str) -> np.ndarray:
        del rgb, subject
        heat = np.zeros((16, 16), np.float32)
        heat[4:12, 1:6] = heat[4:12, 10:15] = 0.95
        return heat


@pytest.mark.parametrize(
    ("words", "here", "not_here"), [("the red boat", 28, 100), ("the blue boat", 100, 28)]
)
def test_of_two_boats_the_one_of_the_named_colour_is_found(words: str, here: int, not_here: int) -> None:
    picture = np.full((128, 128, 3), 0.8, np.float32)
    picture[32:96, 8:48], picture[32:96, 80:120] = (0.9, 0.1, 0.1), (0.1, 0.2, 0.9)
    answer = TrainedFinder(TwoBoats(scene_showing(detection("boat")))).find(picture, words)
    assert answer is not None
    assert (answer.mask[64, here], answer.mask[64, not_here]) == (1, 0)


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
