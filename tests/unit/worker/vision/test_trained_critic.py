"""The trained critic scores by what it sees; of an edit, by the change and by what had to stay."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.unit.worker.scene_critic.seeing import Told, perfect, seen, sight
from tests.unit.worker.stages.making import noise
from training.examples.captions import caption
from training.examples.edits import sample_edit
from training.examples.instructions import instruction
from training.scenes.scene import Figure, Scene, render, sample_scene
from worker.offline.pipeline import as_picture
from worker.prompts.intent_rules import understand
from worker.scene_critic.detections import Sight
from worker.vision.build_vision_tools import TrainedEyes
from worker.vision.protocol import Before, Score
from worker.vision.trained_critic import TrainedCritic

USUAL_THRESHOLD = 0.6
BOAT = seen("boat")


def scored(seen_now: Sight, prompt: str) -> Score:
    return TrainedCritic(Told(seen_now)).score(noise(64, 64), understand(prompt))


def edited(was: Sight, becomes: Sight, instruction: str, mask: np.ndarray | None = None) -> Score:
    critic = TrainedCritic(Told(becomes, was))
    intent = understand(instruction, is_edit=True)
    return critic.score(noise(64, 64), intent, Before(noise(64, 64, seed=1), mask))


def test_what_is_as_asked_has_the_whole_score_and_no_reasons() -> None:
    assert scored(sight(BOAT), "a red boat in a meadow") == Score(1.0, "critic")


@pytest.mark.parametrize(
    "prompt", ["a blue boat", "a red cat", "three red boats", "a red boat left of a cat"]
)
def test_one_fault_of_a_figure_is_below_the_usual_threshold(prompt: str) -> None:
    judged = scored(sight(BOAT), prompt)
    assert judged.value < USUAL_THRESHOLD and judged.reasons


def test_one_fault_of_the_surroundings_is_not_and_two_are() -> None:
    assert USUAL_THRESHOLD < scored(sight(BOAT), "a red boat at night").value < 1
    assert scored(sight(BOAT), "a red boat at night in the snow").value < USUAL_THRESHOLD


def test_a_season_that_is_not_seen_is_no_fault_and_another_one_is() -> None:
    assert scored(sight(BOAT), "a red boat in winter").value == 1.0
    assert scored(sight(BOAT, season="summer"), "a red boat in winter").reasons == (
        "the season is summer and not winter",
    )


def test_more_faults_score_less() -> None:
    one, two = scored(sight(BOAT), "a blue boat"), scored(sight(BOAT), "three blue boats")
    assert two.value < one.value


def test_a_blank_picture_is_known_without_the_network() -> None:
    blank = TrainedCritic(Told(sight(BOAT))).score(
        np.zeros((64, 64, 3), np.float32), understand("a red boat")
    )
    assert "the picture is blank" in blank.reasons


def test_an_edit_that_is_made_and_keeps_the_rest_has_the_whole_score() -> None:
    cat = seen("cat", "black")
    score = edited(sight(BOAT, cat), sight(seen("boat", "blue"), cat), "make the boat blue")
    assert score.value == 1.0


@pytest.mark.parametrize(
    ("becomes", "reason"),
    [
        (sight(BOAT, seen("cat", "black")), "the boat is red and not blue"),
        (sight(seen("boat", "blue")), "the cat is gone"),
        (sight(seen("boat", "blue"), seen("cat", "blue")), "the cat was black and is blue"),
        (
            sight(seen("boat", "blue"), seen("cat", "black"), setting="snow"),
            "the setting was meadow and is snow",
        ),
    ],
)
def test_of_an_edit_both_the_change_and_the_rest_are_looked_at(becomes: Sight, reason: str) -> None:
    assert edited(sight(BOAT, seen("cat", "black")), becomes, "make the boat blue").reasons == (reason,)


def test_what_is_removed_must_be_gone() -> None:
    there = sight(BOAT, seen("cat"))
    assert edited(there, sight(BOAT), "remove the cat").value == 1.0
    still = edited(there, there, "remove the cat")
    assert (still.reasons, still.repairs) == (("there is still a cat",), ("remove the cat",))


def test_where_the_surroundings_change_they_may_all_look_otherwise() -> None:
    becomes = sight(BOAT, setting="snow", light="night", season="winter")
    assert edited(sight(BOAT), becomes, "make it night").value == 1.0


def test_of_a_region_what_is_looked_at_is_the_composite() -> None:
    seeing = Told(sight(BOAT))
    before, mask = noise(64, 64, seed=1), np.zeros((64, 64), np.float32)
    mask[:, :32] = 1
    TrainedCritic(seeing).score(noise(64, 64), understand("a red boat"), Before(before, mask))
    np.testing.assert_array_equal(seeing.shown[0][:, 32:], before[:, 32:])


def test_the_critic_that_is_shipped_tells_right_from_wrong() -> None:
    dice, critic = random.Random(5), TrainedEyes(("starter",)).critic("starter")
    right: list[float] = []
    wrong: list[float] = []
    for subject, other in (("boat", "cat"), ("house", "tree"), ("rocket", "mug"), ("cactus", "train")):
        scene = Scene((Figure(subject, "red"),), "meadow", "day", dice.getrandbits(32))
        picture = as_picture(render(scene, 64, 64))
        right.append(critic.score(picture, understand(f"a red {subject} in a meadow by day")).value)
        wrong.append(critic.score(picture, understand(f"a red {other} in a meadow by day")).value)
    assert min(right) >= USUAL_THRESHOLD > max(wrong)


def test_no_perfect_picture_is_found_fault_with() -> None:
    dice = random.Random(1)
    for _ in range(200):
        scene = sample_scene(dice)
        said = caption(scene, dice, phrasing=dice.choice(("training", "held_out")))
        assert scored(perfect(scene), said.text).reasons == (), said.text


def test_of_edits_the_perfect_one_has_no_faults_and_the_one_not_made_has() -> None:
    dice = random.Random(1)
    for _ in range(200):
        edit = sample_edit(dice)
        if any(figure.character for figure in (*edit.before.figures, *edit.after.figures)):
            continue  # "make the dress green": clothes are not told from other things
        said = instruction(edit, dice, phrasing=dice.choice(("training", "held_out")))
        assert edited(perfect(edit.before), perfect(edit.after), said.text).reasons == (), said.text
        if edit.kind != "season":  # see above: no season says nothing
            assert edited(perfect(edit.before), perfect(edit.before), said.text).reasons != (), said.text
