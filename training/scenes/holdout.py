"""What training never sees: combinations that are kept for measuring, chosen once by a fixed hash."""

from __future__ import annotations

import zlib

from worker.scene_vocabulary.subjects import SUBJECTS

from .composition import Scene

_ONE_IN = 10
_OPPOSITES = {"right of": "left of", "below": "above", "behind": "in front of"}


def held_out(scene: Scene) -> bool:
    """Whether the scene holds a subject in a colour, or two subjects in a relation, that are kept back."""
    if any(held_out_pair(figure.subject, figure.colour) for figure in scene.figures):
        return True
    if len(scene.figures) < 2:
        return False
    return held_out_relation(scene.figures[0].subject, scene.relation, scene.figures[1].subject)


def held_out_pair(subject: str, colour: str) -> bool:
    """One pair in ten, but never a subject in a colour that everybody expects of it."""
    return colour not in SUBJECTS[subject].colours and _chosen(f"{subject} {colour}")


def held_out_relation(first: str, relation: str, second: str) -> bool:
    """One triple in ten, whichever way round it is told."""
    if relation in _OPPOSITES:
        first, relation, second = second, _OPPOSITES[relation], first
    return _chosen(f"{first} {relation} {second}")


def _chosen(name: str) -> bool:
    return zlib.crc32(name.encode()) % _ONE_IN == 0
