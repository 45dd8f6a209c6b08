"""The figures of the picture benchmarks are what they are called."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from benchmarks.adherence import GROUPS, unseen_prompts
from benchmarks.drawing.edit_judge import keeps_rest, shows_change
from benchmarks.drawing.shares import Share, describe_miss
from tests.unit.worker.scene_critic.fake_detector import perfect_detections
from training.examples.edits import EDIT_KINDS, sample_edit
from training.scenes.holdout import is_held_out


def test_wilsons_interval_is_the_textbooks() -> None:
    low, high = Share(8, 10).interval
    assert (low, high) == (pytest.approx(0.490, abs=1e-3), pytest.approx(0.943, abs=1e-3))
    assert Share(0, 10).interval[0] == 0 and Share(10, 10).interval[1] == 1
    assert Share(0, 0).interval == (0, 1)


def test_a_share_below_its_target_is_told() -> None:
    assert describe_miss("x", Share(1, 2), 0.6) and not describe_miss("x", Share(3, 5), 0.6)


def test_prompts_are_unseen_by_combination_or_by_phrasing_and_the_same_every_time() -> None:
    prompts = list(unseen_prompts(60, seed=0))
    assert prompts == list(unseen_prompts(60, seed=0))
    assert {prompt.group for prompt in prompts} == set(GROUPS)
    for prompt in prompts:
        assert is_held_out(prompt.scene) == ("combination" in prompt.unseen)
        assert prompt.said.facts["colour"]


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_a_judge_without_fault_sees_the_change_in_the_answer_and_not_in_the_question(kind: str) -> None:
    rng = random.Random(kind)
    for _ in range(40):
        edit = sample_edit(rng, kind=kind)
        if edit.before.place and kind == "move":
            continue
        assert shows_change(perfect_detections(edit.after), edit), edit
        assert keeps_rest(perfect_detections(edit.after), edit), edit
        assert not shows_change(perfect_detections(edit.before), edit), edit


def test_what_an_edit_did_not_speak_of_must_stay() -> None:
    rng = random.Random(1)
    edit = sample_edit(rng, kind="add")
    other = replace(edit.after.figures[0], colour="red" if edit.after.figures[0].colour != "red" else "blue")
    spoilt = replace(edit.after, figures=(other, *edit.after.figures[1:]))
    assert shows_change(perfect_detections(spoilt), edit) and not keeps_rest(perfect_detections(spoilt), edit)
