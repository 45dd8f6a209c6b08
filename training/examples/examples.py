"""What there is to learn from: every example of the training, each a function of its number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.scenes.scene import Scene, sample_scene
from training.starter.config import Config

from .captions import Caption, caption
from .edits import sample_edit
from .instructions import instruction
from .references import sample_reference

Kind = Literal["scenes", "edits", "references"]
KINDS: tuple[Kind, ...] = ("scenes", "edits", "references")

_SQUARE_SHARE = 0.4


@dataclass(frozen=True)
class Example:
    """One thing to learn: what is asked, the picture that answers it, and the picture it starts from."""

    after: Scene
    before: Scene | None
    text: Callable[[random.Random], Caption]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        return (self.after,) if self.before is None else (self.after, self.before)


def count(config: Config, bucket: int, kind: Kind) -> int:
    """How many of a kind a bucket has: the first, square one holds two fifths of all."""
    total = {"scenes": config.scenes, "edits": config.edits, "references": config.references}[kind]
    others = len(config.buckets) - 1
    share = _SQUARE_SHARE if bucket == 0 else (1 - _SQUARE_SHARE) / others
    return max(1, round(total * (share if others else 1.0)))


def example(config: Config, bucket: int, kind: Kind, number: int) -> Example:
    dice = random.Random(f"{kind} {config.seed} {bucket} {number}")
    width, height = config.buckets[bucket]
    wide = width >= height
    if kind == "edits":
        edit = sample_edit(dice, wide=wide)
        return Example(edit.after, edit.before, lambda dice: instruction(edit, dice))
    if kind == "references":
        reference = sample_reference(dice, wide=wide)
        return Example(reference.after, reference.reference, lambda _: reference.prompt)
    scene = sample_scene(dice, wide=wide)
    return Example(scene, None, lambda dice: caption(scene, dice))
