"""Random characters for figurines."""

from __future__ import annotations

import random

from worker.scene_vocabulary.colours import COLOURS

from .subject_drawings.figurine import HAIR_COLOURS, HAIR_STYLES, OUTFITS, Character


def sample_character(rng: random.Random) -> Character:
    """Samples a character. One in six wears a hat."""
    hat = rng.choice(tuple(COLOURS)) if rng.random() < 1 / 6 else ""
    hair = rng.choice(tuple(HAIR_COLOURS))
    return Character(hair, rng.choice(HAIR_STYLES), rng.choice(OUTFITS), hat)
