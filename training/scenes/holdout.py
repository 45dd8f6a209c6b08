"""The held-out combinations, which training never sees. A fixed hash chooses them."""

from __future__ import annotations

import zlib

from worker.scene_vocabulary.subjects import SUBJECTS

from .composition import Scene

_ONE_IN = 10
_OPPOSITES = {"right of": "left of", "below": "above", "behind": "in front of"}


def is_held_out(scene: Scene) -> bool:
    """Returns True if the scene has a held-out pair (subject and colour) or a held-out relation."""
    if any(is_pair_held_out(figure.subject, figure.colour) for figure in scene.figures):
        return True
    if len(scene.figures) < 2:
        return False
    return is_relation_held_out(scene.figures[0].subject, scene.relation, scene.figures[1].subject)


def is_pair_held_out(subject: str, colour: str) -> bool:
    """Returns True for one pair in ten, but never for a subject in one of its usual colours."""
    return colour not in SUBJECTS[subject].colours and _is_chosen(f"{subject} {colour}")


def is_relation_held_out(first: str, relation: str, second: str) -> bool:
    """Returns True for one triple in ten, in whichever order its subjects are named."""
    if relation in _OPPOSITES:
        first, relation, second = second, _OPPOSITES[relation], first
    return _is_chosen(f"{first} {relation} {second}")


def _is_chosen(name: str) -> bool:
    return zlib.crc32(name.encode()) % _ONE_IN == 0
