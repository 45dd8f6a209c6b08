"""An edit changes one thing and keeps the rest, and its instruction says which."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from training.examples.captions import CAPTION_FACTS, FACT_ANSWERS, Caption
from training.examples.edits import EDIT_KINDS, Edit, sample_edit
from training.examples.instructions import sample_instruction
from training.scenes.composition import Scene
from training.scenes.holdout import is_held_out
from training.scenes.rendering import render_scene
from worker.scene_vocabulary.scene_settings import SETTINGS

CHANGES = {
    "recolour": {"figures"},
    "replace": {"figures"},
    "relight": {"light"},
    "move": {"setting"},
    "add": {"figures"},
    "remove": {"figures"},
    "restyle": {"style"},
    "season": {"season"},
    "weather": {"weather"},
}


@pytest.fixture(scope="module")
def edited() -> list[tuple[Edit, Caption]]:
    rng = random.Random(0)
    return [(edit, sample_instruction(edit, rng)) for edit in (sample_edit(rng) for _ in range(900))]


def changed_parts(edit: Edit) -> set[str]:
    return {
        part.name
        for part in fields(Scene)
        if getattr(edit.before, part.name) != getattr(edit.after, part.name)
    }


def test_an_edit_changes_one_thing_and_keeps_the_rest(edited: list[tuple[Edit, Caption]]) -> None:
    for edit, said in edited:
        assert said.facts["kind"] == edit.kind
        if edit.after.place and edit.kind == "move":
            assert changed_parts(edit) <= {"figures", "setting", "light", "place"}
        else:
            assert changed_parts(edit) == CHANGES[edit.kind]


def test_all_kinds_come_up_as_often_as_they_should(edited: list[tuple[Edit, Caption]]) -> None:
    counts = Counter(edit.kind for edit, _ in edited)
    total = sum(EDIT_KINDS.values())
    for kind, weight in EDIT_KINDS.items():
        assert 0.5 < counts[kind] / len(edited) / (weight / total) < 1.7


def test_only_the_target_changes(edited: list[tuple[Edit, Caption]]) -> None:
    for edit in [edit for edit, _ in edited if edit.kind in {"recolour", "replace"}]:
        kept = [n for n in range(len(edit.before.figures)) if n != edit.target]
        assert all(edit.before.figures[n] == edit.after.figures[n] for n in kept)
        old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
        assert (old.slot, old.count, old.shift, old.scale) == (new.slot, new.count, new.shift, new.scale)


def test_what_is_added_or_removed_leaves_the_other_where_it_is(edited: list[tuple[Edit, Caption]]) -> None:
    for edit in [edit for edit, _ in edited if edit.kind in {"add", "remove"}]:
        more, less = (edit.after, edit.before) if edit.kind == "add" else (edit.before, edit.after)
        assert len(more.figures) == 2
        assert more.figures[:1] == less.figures
        assert edit.target == 1


def test_a_figure_keeps_its_side_and_an_added_one_looks_the_usual_way(
    edited: list[tuple[Edit, Caption]],
) -> None:
    shown = Counter(figure.flip for edit, _ in edited for figure in edit.before.figures[:1])
    assert min(shown[True], shown[False]) > 300
    assert not any(edit.after.figures[edit.target].flip for edit, _ in edited if edit.kind == "add")
    kept = [edit for edit, _ in edited if edit.kind not in ("add", "remove")]
    assert all(
        [one.flip for one in edit.before.figures] == [one.flip for one in edit.after.figures] for edit in kept
    )


def test_what_an_instruction_says_is_true_afterwards(edited: list[tuple[Edit, Caption]]) -> None:
    for edit, said in edited:
        facts = said.facts
        assert tuple(facts) == CAPTION_FACTS
        assert all(told in FACT_ANSWERS[fact] for fact, told in facts.items())
        match edit.kind:
            case "recolour":
                assert facts["colour"] == edit.after.figures[edit.target].colour
            case "replace":
                assert facts["second"] == edit.after.figures[edit.target].subject
                assert facts["second_colour"] in ("", edit.after.figures[edit.target].colour)
            case "add":
                assert facts["second"] == edit.after.figures[1].subject
                assert facts["relation"] in ("", edit.after.relation)
            case "remove":
                assert facts["subject"] == edit.before.figures[1].subject
            case "move":
                assert facts["place"] == edit.after.place
                assert facts["setting"] == ("" if edit.after.place else edit.after.setting)
            case "relight":
                assert facts["light"] == edit.after.light
            case "restyle":
                assert facts["style"] == edit.after.style
            case _:
                assert facts[edit.kind] == getattr(edit.after, edit.kind)


def test_no_edit_touches_what_is_kept_for_measuring(edited: list[tuple[Edit, Caption]]) -> None:
    assert not any(is_held_out(edit.before) or is_held_out(edit.after) for edit, _ in edited)


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_edits_of_what_is_kept_can_be_asked_for_by_kind(kind: str) -> None:
    rng = random.Random(1)
    for edit in (sample_edit(rng, held_out=True, kind=kind, wide=False) for _ in range(10)):
        assert edit.kind == kind
        assert is_held_out(edit.before) or is_held_out(edit.after)


def test_scenes_stay_possible(edited: list[tuple[Edit, Caption]]) -> None:
    for after in [edit.after for edit, _ in edited]:
        assert after.place or after.light in SETTINGS[after.setting].lights
        assert not after.season or SETTINGS[after.setting].seasons


def test_a_recoloured_picture_differs_where_the_figure_is_and_only_there(
    edited: list[tuple[Edit, Caption]],
) -> None:
    pairs = [edit for edit, _ in edited if edit.kind == "recolour" and edit.before.relation == "left of"]
    for edit in pairs[:10]:
        before, after = (replace(scene, style="flat") for scene in (edit.before, edit.after))
        one, other = render_scene(before, 64, 64), render_scene(after, 64, 64)
        columns = np.any(one != other, axis=(0, 2))
        assert columns.any()
        assert not columns[slice(40, 64) if edit.target == 0 else slice(0, 24)].any()


def test_instructions_are_varied(edited: list[tuple[Edit, Caption]]) -> None:
    assert len({said.text for _, said in edited}) > 700


def test_held_out_instructions_are_in_words_of_their_own(edited: list[tuple[Edit, Caption]]) -> None:
    rng = random.Random(2)
    told = {said.text.lower() for _, said in edited}
    assert not told & {sample_instruction(edit, rng, phrasing="held_out").text for edit, _ in edited}
