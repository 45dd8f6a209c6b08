"""The training examples, each a function of its number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.examples.captions import Caption, sample_caption
from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.examples.references import sample_reference
from training.networks.config import TrainingConfig
from training.scenes.scene_sampling import Scene, sample_scene

ExampleKind = Literal["scenes", "edits", "references"]
EXAMPLE_KINDS: tuple[ExampleKind, ...] = ("scenes", "edits", "references")

_SQUARE_SHARE = 0.4


@dataclass(frozen=True)
class TrainingExample:
    """An example: a text, the picture that answers it, and the picture that an edit starts from."""

    after: Scene
    before: Scene | None
    text: Callable[[random.Random], Caption]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Returns the picture's scene and, if there is one, the scene before the edit."""
        return (self.after,) if self.before is None else (self.after, self.before)


def example_count(config: TrainingConfig, bucket: int, kind: ExampleKind) -> int:
    """Returns the number of examples of a kind in a bucket. The first, square bucket holds two fifths."""
    total = {"scenes": config.scenes, "edits": config.edits, "references": config.references}[kind]
    others = len(config.buckets) - 1
    share = _SQUARE_SHARE if bucket == 0 else (1 - _SQUARE_SHARE) / others
    return max(1, round(total * (share if others else 1.0)))


def sample_example(config: TrainingConfig, bucket: int, kind: ExampleKind, number: int) -> TrainingExample:
    """Returns example ``number`` of a kind and bucket."""
    rng = random.Random(f"{kind} {config.seed} {bucket} {number}")
    width, height = config.buckets[bucket]
    wide = width >= height
    if kind == "edits":
        edit = sample_edit(rng, wide=wide)
        return TrainingExample(edit.after, edit.before, lambda rng: sample_instruction(edit, rng))
    if kind == "references":
        reference = sample_reference(rng, wide=wide)
        return TrainingExample(reference.after, reference.reference, lambda _: reference.prompt)
    scene = sample_scene(rng, wide=wide)
    return TrainingExample(scene, None, lambda rng: sample_caption(scene, rng))
