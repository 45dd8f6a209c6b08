"""Who a figurine is: drawn by lot, and in words."""

from __future__ import annotations

import random

from worker.scene_vocabulary.colours import COLOURS

from .subject_drawings.figurine import HAIR_COLOURS, HAIR_STYLES, OUTFITS, Character


def sample_character(dice: random.Random) -> Character:
    """A random character; one in six wears a hat."""
    hat = dice.choice(tuple(COLOURS)) if dice.random() < 1 / 6 else ""
    hair = dice.choice(tuple(HAIR_COLOURS))
    return Character(hair, dice.choice(HAIR_STYLES), dice.choice(OUTFITS), hat)
