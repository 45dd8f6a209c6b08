"""The facts that a text can state about a scene, and the possible answers to each."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.scenes.composition import RELATIONS, SIZES
from training.scenes.subject_drawings.figurine import HAIR_COLOURS, OUTFITS
from training.scenes.word_board import WORDS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

CAPTION_KINDS = (
    "generate",
    "recolour",
    "relight",
    "replace",
    "move",
    "add",
    "remove",
    "restyle",
    "season",
    "weather",
    "reference",
)
"""What a text asks for: a picture, an edit, or a picture of what a reference shows."""
FACT_ANSWERS: dict[str, tuple[str, ...]] = {
    "kind": CAPTION_KINDS,
    "subject": ("", *SUBJECTS),
    "colour": ("", *COLOURS),
    "count": ("", "1", "2", "3", "4"),
    "size": ("", *SIZES),
    "position": ("", "left", "centre", "right"),
    "hair": ("", *HAIR_COLOURS),
    "outfit": ("", *OUTFITS),
    "second": ("", *SUBJECTS),
    "second_colour": ("", *COLOURS),
    "relation": ("", *RELATIONS),
    "setting": ("", *SETTINGS),
    "light": ("", *LIGHTS),
    "place": ("", *PLACES),
    "style": ("", *STYLES),
    "season": ("", *SEASONS),
    "weather": ("", *WEATHERS),
    "word": ("", *WORDS),
}
"""Every fact that a text can state, and its possible answers; "" means unstated."""
CAPTION_FACTS = tuple(FACT_ANSWERS)


@dataclass(frozen=True)
class Caption:
    """A text, and its answer to each of ``CAPTION_FACTS``; "" means unstated."""

    text: str
    facts: dict[str, str] = field(default_factory=dict[str, str])


def no_facts(kind: str) -> dict[str, str]:
    """Returns facts that state the kind alone."""
    return dict.fromkeys(CAPTION_FACTS, "") | {"kind": kind}
