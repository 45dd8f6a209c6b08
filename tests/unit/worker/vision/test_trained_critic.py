"""The trained critic scores the detections; for an edit, the change and what had to stay."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.unit.worker.scene_critic.fake_detector import (
    FakeDetector,
    detection,
    perfect_detections,
    scene_showing,
)
from tests.unit.worker.stages.making import noise
from training.examples.captions import sample_caption
from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.scenes.scene_sampling import Figure, Scene, render_scene, sample_scene
from worker.pictures.pixel_levels import levels_to_floats
from worker.prompt_intent.intent_rules import read_intent
from worker.scene_critic.detections import Detection, SceneDetections
from worker.vision.protocol import BeforeEdit, Score
from worker.vision.trained_critic import TrainedCritic
from worker.vision.vision_tools import TrainedVisionTools

USUAL_THRESHOLD = 0.6
BOAT = detection("boat")


def scored(seen_now: SceneDetections, prompt: str) -> Score:
    return TrainedCritic(FakeDetector(seen_now)).score(noise(64, 64), read_intent(prompt, scenes_only=True))


def edited(
    was: SceneDetections, becomes: SceneDetections, instruction: str, mask: np.ndarray | None = None
) -> Score:
    critic = TrainedCritic(FakeDetector(becomes, was))
    intent = read_intent(instruction, is_edit=True)
    return critic.score(noise(64, 64), intent, BeforeEdit(noise(64, 64, seed=1), mask))


def test_what_is_as_asked_has_the_whole_score_and_no_reasons() -> None:
    assert scored(scene_showing(BOAT), "a red boat in a meadow") == Score(1.0, "critic")


@pytest.mark.parametrize(
    "prompt", ["a blue boat", "a red cat", "three red boats", "a red boat left of a cat"]
)
def test_one_fault_of_a_figure_is_below_the_usual_threshold(prompt: str) -> None:
    judged = scored(scene_showing(BOAT), prompt)
    assert judged.rank < USUAL_THRESHOLD and judged.reasons


def test_a_blob_is_below_the_usual_threshold_but_not_in_an_edit() -> None:
    blob = scene_showing(detection("boat", confidence=0.6))
    judged = scored(blob, "a red boat in a meadow")
    assert (judged.value, judged.reasons, judged.repairs) == (0.5, ("the boat is hard to recognise",), ())
    assert edited(scene_showing(BOAT), blob, "make the boat red").value == 1


def test_one_fault_of_the_surroundings_is_not_and_two_are() -> None:
    assert USUAL_THRESHOLD < scored(scene_showing(BOAT), "a red boat at night").rank < 1
    assert scored(scene_showing(BOAT), "a red boat at night in the snow").rank < USUAL_THRESHOLD


def test_a_small_drawing_gets_pixel_arts_style_when_it_is_enlarged() -> None:
    judged = scored(scene_showing(BOAT, style="flat"), "a red boat as pixel art")
    assert (judged.value, judged.reasons) == (1.0, ())
    assert judged.unchecked == ("pixel",)
    assert scored(scene_showing(BOAT, style="flat"), "a red boat in pencil").reasons


def test_a_season_that_is_not_seen_is_no_fault_and_another_one_is() -> None:
    assert scored(scene_showing(BOAT), "a red boat in winter").value == 1.0
    assert scored(scene_showing(BOAT, season="summer"), "a red boat in winter").reasons == (
        "the season is summer and not winter",
    )


@pytest.mark.parametrize(
    ("prompt", "unchecked"),
    [
        ("a red boat and a unicorn in a meadow", ("unicorn",)),
        ("a red boat and a horse", ("horse",)),
        ("a huge red boat", ("large boat",)),
        ("a red boat without wheels", ("no wheels",)),
        ("a red boat, no hat, no cats", ("no hat",)),
        ('a red boat with the words "HELLO"', ('the words "HELLO"',)),
        ("a red boat in a blue meadow", ("blue meadow",)),
        ("a red boat as an oil painting", ("oil painting",)),
        ("a peaceful red boat", ("peaceful",)),
        ("five red boats", ("5 × boat",)),
        ("a red boat in winter", ("winter",)),
    ],
)
def test_what_cannot_be_told_is_listed_and_the_score_is_below_1(
    prompt: str, unchecked: tuple[str, ...]
) -> None:
    judged = scored(scene_showing(BOAT), prompt)
    assert judged.unchecked == unchecked
    assert judged.value is not None and judged.reported is not None
    assert judged.reported < judged.value


def test_of_a_missing_thing_nothing_is_left_to_check() -> None:
    assert scored(scene_showing(BOAT), "two small blue cats").unchecked == ()


@pytest.mark.parametrize(
    "prompt", ["asdfghjkl qwerty", "czerwona łódka na morzu", "a cheerful horse", "three huge red horses"]
)
def test_a_prompt_outside_of_the_vocabulary_has_no_score(prompt: str) -> None:
    judged = scored(scene_showing(BOAT), prompt)
    assert (judged.value, judged.reported) == (None, None)
    assert judged.unchecked


def test_more_faults_score_less() -> None:
    one, two = scored(scene_showing(BOAT), "a blue boat"), scored(scene_showing(BOAT), "three blue boats")
    assert two.rank < one.rank


def test_a_blank_picture_is_known_without_the_network() -> None:
    blank = TrainedCritic(FakeDetector(scene_showing(BOAT))).score(
        np.zeros((64, 64, 3), np.float32), read_intent("a red boat")
    )
    assert "the picture is blank" in blank.reasons


def test_an_edit_that_is_made_and_keeps_the_rest_has_the_whole_score() -> None:
    cat = detection("cat", "black")
    score = edited(
        scene_showing(BOAT, cat), scene_showing(detection("boat", "blue"), cat), "make the boat blue"
    )
    assert score.value == 1.0


@pytest.mark.parametrize(
    ("becomes", "reason"),
    [
        (scene_showing(BOAT, detection("cat", "black")), "the boat is red and not blue"),
        (scene_showing(detection("boat", "blue")), "the cat is gone"),
        (scene_showing(detection("boat", "blue"), detection("cat", "blue")), "the cat was black and is blue"),
        (
            scene_showing(detection("boat", "blue"), detection("cat", "black"), setting="snow"),
            "the setting was meadow and is snow",
        ),
    ],
)
def test_of_an_edit_both_the_change_and_the_rest_are_looked_at(becomes: SceneDetections, reason: str) -> None:
    assert edited(scene_showing(BOAT, detection("cat", "black")), becomes, "make the boat blue").reasons == (
        reason,
    )


@pytest.mark.parametrize(
    ("becomes", "reasons"), [("blue", ()), ("green", ("the boat was red and is green",))]
)
def test_where_no_thing_is_named_the_colour_may_be_any_things(becomes: str, reasons: tuple[str, ...]) -> None:
    was, now = scene_showing(BOAT), scene_showing(detection("boat", colour=becomes))
    judged = edited(was, now, "make it blue").reasons
    assert tuple(reason for reason in judged if reason.startswith("the boat")) == reasons


@pytest.mark.parametrize(
    ("things", "repairs"),
    [
        ([BOAT], ("make the boat blue",)),
        ([BOAT, detection("cat", x=0.2)], ()),
        ([], ()),
        ([detection("boat", confidence=0.6)], ()),
    ],
)
def test_it_is_the_only_thing_of_the_picture(things: list[Detection], repairs: tuple[str, ...]) -> None:
    scene = scene_showing(*things)
    judged = TrainedCritic(FakeDetector(scene, scene)).score(
        noise(64, 64) * np.array((1, 1, 0), np.float32),  # nothing is blue
        read_intent("make it blue", is_edit=True, scenes_only=True),
        BeforeEdit(noise(64, 64, seed=1)),
    )
    assert (judged.reasons, judged.repairs) == (("nothing became blue",), repairs)
    assert judged.rank < USUAL_THRESHOLD


def test_where_the_only_thing_got_another_colour_it_gets_the_one_asked_for() -> None:
    drawn = noise(64, 64)
    drawn[:32] = (0.1, 0.2, 0.9)  # something became blue
    becomes = scene_showing(detection("boat", colour="grey"))
    judged = TrainedCritic(FakeDetector(becomes, scene_showing(BOAT))).score(
        drawn, read_intent("make it blue", is_edit=True, scenes_only=True), BeforeEdit(noise(64, 64, seed=1))
    )
    assert (judged.reasons, judged.repairs) == (("the boat was red and is grey",), ("make the boat blue",))


def test_what_is_removed_must_be_gone() -> None:
    there = scene_showing(BOAT, detection("cat"))
    assert edited(there, scene_showing(BOAT), "remove the cat").value == 1.0
    still = edited(there, there, "remove the cat")
    assert (still.reasons, still.repairs) == (("there is still a cat",), ("remove the cat",))


def test_where_the_surroundings_change_they_may_all_look_otherwise() -> None:
    becomes = scene_showing(BOAT, setting="snow", light="night", season="winter")
    assert edited(scene_showing(BOAT), becomes, "make it night").value == 1.0


def test_of_a_region_what_is_looked_at_is_the_composite() -> None:
    detector = FakeDetector(scene_showing(BOAT))
    before, mask = noise(64, 64, seed=1), np.zeros((64, 64), np.float32)
    mask[:, :32] = 1
    TrainedCritic(detector).score(noise(64, 64), read_intent("a red boat"), BeforeEdit(before, mask))
    np.testing.assert_array_equal(detector.shown[0][:, 32:], before[:, 32:])


def test_the_critic_that_is_shipped_tells_right_from_wrong() -> None:
    rng, critic = random.Random(5), TrainedVisionTools(("starter",)).critic("starter")
    right: list[float] = []
    wrong: list[float] = []
    for subject, other in (("boat", "cat"), ("house", "tree"), ("rocket", "mug"), ("cactus", "train")):
        scene = Scene((Figure(subject, "red"),), "meadow", "day", rng.getrandbits(32))
        picture = levels_to_floats(render_scene(scene, 64, 64))
        right.append(critic.score(picture, read_intent(f"a red {subject} in a meadow by day")).rank)
        wrong.append(critic.score(picture, read_intent(f"a red {other} in a meadow by day")).rank)
    assert min(right) >= USUAL_THRESHOLD > max(wrong)


def test_no_perfect_picture_is_found_fault_with() -> None:
    rng = random.Random(1)
    for _ in range(200):
        scene = sample_scene(rng)
        said = sample_caption(scene, rng, phrasing=rng.choice(("training", "held_out")))
        assert scored(perfect_detections(scene), said.text).reasons == (), said.text


def test_of_edits_the_perfect_one_has_no_faults_and_the_one_not_made_has() -> None:
    rng = random.Random(1)
    for _ in range(200):
        edit = sample_edit(rng)
        if any(figure.character for figure in (*edit.before.figures, *edit.after.figures)):
            continue  # "make the dress green": clothes are not told from other things
        said = sample_instruction(edit, rng, phrasing=rng.choice(("training", "held_out")))
        assert (
            edited(perfect_detections(edit.before), perfect_detections(edit.after), said.text).reasons == ()
        ), said.text
        if edit.kind != "season":  # see above: no season says nothing
            assert (
                edited(perfect_detections(edit.before), perfect_detections(edit.before), said.text).reasons
                != ()
            ), said.text
