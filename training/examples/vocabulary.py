"""The facts that a text can tell of a scene, and every answer to each."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.scenes.composition import RELATIONS, SIZES
from training.scenes.lettering import WORDS
from training.scenes.subject_drawings.figurine import HAIR_COLOURS, OUTFITS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

KINDS = (
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
"""What a text asks for: a picture, one of the edits, or a picture of what a reference shows."""
VOCABULARY: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
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
"""Every fact that a text can tell, and its possible answers; "" is unsaid."""
FACTS = tuple(VOCABULARY)


@dataclass(frozen=True)
class Caption:
    """A text and what it says: for each of ``FACTS`` one of ``VOCABULARY``'s answers, "" where unsaid."""

    text: str
    facts: dict[str, str] = field(default_factory=dict[str, str])


def no_facts(kind: str) -> dict[str, str]:
    return dict.fromkeys(FACTS, "") | {"kind": kind}
