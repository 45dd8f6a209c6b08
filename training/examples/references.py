"""References: a picture of somebody or something, and another one in which the same appears again."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from training.scenes.composition import Figure, Scene
from training.scenes.holdout import held_out as is_held_out
from training.scenes.scene import sample_scene

from .captions import Phrasing, caption, tell
from .vocabulary import Caption, no_facts
from .wording import name_of, spelled

_PLAIN_SHARE = 0.6


@dataclass(frozen=True)
class Reference:
    reference: Scene
    """The character alone, mostly on a plain background."""
    prompt: Caption
    after: Scene
    """The same character somewhere else."""


def sample_reference(
    dice: random.Random, *, wide: bool = True, held_out: bool = False, phrasing: Phrasing = "training"
) -> Reference:
    """A random character, and a scene that it is asked into; ``held_out`` is about that scene."""
    after = sample_scene(dice, wide=wide, held_out=held_out)
    while after.figures[0].count > 1:
        after = sample_scene(dice, wide=wide, held_out=held_out)
    figure = replace(after.figures[0], slot="centre", size="normal")
    return Reference(_alone(figure, wide, dice, held_out), _prompt(after, dice, phrasing), after)


def _alone(figure: Figure, wide: bool, dice: random.Random, held_out: bool) -> Scene:
    if dice.random() < _PLAIN_SHARE:
        return Scene((figure,), "plain", "day", dice.getrandbits(32))
    while True:
        scene = replace(sample_scene(dice, wide=wide, layout="one"), figures=(figure,), place="", word="")
        if held_out or not is_held_out(scene):
            return scene


def _prompt(after: Scene, dice: random.Random, phrasing: Phrasing) -> Caption:
    """Mostly "the same …"; sometimes in full, as the prompts of a sequence are."""
    if phrasing == "training" and dice.random() < 0.3:
        said = caption(after, dice)
        return Caption(said.text, said.facts | {"kind": "reference"})
    facts = no_facts("reference")
    name = name_of(after.figures[0], dice)
    if phrasing == "held_out":
        who = f"the {name} that the picture shows, but"
    else:
        who = dice.choice(
            (f"the same {name}", f"this {name}", f"the {name}", "this character", "the same character", "it")
        )
    if name in who:
        facts["subject"] = after.figures[0].subject
    return Caption(spelled(tell(after, who, facts, dice), dice), facts)
