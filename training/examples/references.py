"""References: a picture of a subject, and another one in which the same subject appears again."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from training.scenes.composition import Figure, Scene
from training.scenes.holdout import is_held_out
from training.scenes.scene_sampling import mirror_figures, sample_scene

from .caption_facts import Caption, no_facts
from .captions import Phrasing, describe_scene, sample_caption
from .wording import sample_name, vary_spelling

_PLAIN_SHARE = 0.6


@dataclass(frozen=True)
class Reference:
    """A reference picture, a prompt, and the picture that the prompt asks for."""

    reference: Scene
    """The subject alone, mostly on a plain background."""
    prompt: Caption
    after: Scene
    """The same subject somewhere else."""


def sample_reference(
    rng: random.Random, *, wide: bool = True, held_out: bool = False, phrasing: Phrasing = "training"
) -> Reference:
    """Samples a subject and a scene that it is asked into. ``held_out`` applies to that scene."""
    after = sample_scene(rng, wide=wide, held_out=held_out)
    while after.figures[0].count > 1:
        after = sample_scene(rng, wide=wide, held_out=held_out)
    after = mirror_figures(after, rng)
    figure = replace(after.figures[0], slot="centre", size="normal")
    return Reference(_sample_alone(figure, wide, rng, held_out), _sample_prompt(after, rng, phrasing), after)


def _sample_alone(figure: Figure, wide: bool, rng: random.Random, held_out: bool) -> Scene:
    if rng.random() < _PLAIN_SHARE:
        return Scene((figure,), "plain", "day", rng.getrandbits(32))
    while True:
        scene = replace(sample_scene(rng, wide=wide, layout="one"), figures=(figure,), place="", word="")
        if held_out or not is_held_out(scene):
            return scene


def _sample_prompt(after: Scene, rng: random.Random, phrasing: Phrasing) -> Caption:
    """Samples the prompt: mostly "the same …", sometimes a full caption, as in a sequence."""
    if phrasing == "training" and rng.random() < 0.3:
        said = sample_caption(after, rng)
        return Caption(said.text, said.facts | {"kind": "reference"})
    facts = no_facts("reference")
    name = sample_name(after.figures[0], rng)
    if phrasing == "held_out":
        who = f"the {name} that the picture shows, but"
    else:
        who = rng.choice(
            (f"the same {name}", f"this {name}", f"the {name}", "this character", "the same character", "it")
        )
    if name in who:
        facts["subject"] = after.figures[0].subject
    return Caption(vary_spelling(describe_scene(after, who, facts, rng), rng), facts)
