"""A critic that sees what it is told, for whatever asks one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.critic.scene_facts import facts_of_scene
from training.scenes.scene import Scene
from training.scenes.truth import truth
from worker.scene_critic.detections import Critic, Sight, Sighting
from worker.scene_critic.facts import FACTS

_CERTAIN = 0.95


class Told(Critic):
    """Sees one sight after the other, the last one for ever; warmth lies on the left half."""

    def __init__(self, *sights: Sight) -> None:
        self._sights = list(sights)
        self.shown: list[np.ndarray] = []

    def look(self, rgb: np.ndarray) -> Sight:
        self.shown.append(rgb)
        return self._sights[min(len(self.shown), len(self._sights)) - 1]

    def heat(self, rgb: np.ndarray, subject: str) -> NDArray[np.float32]:
        heat = np.zeros((16, 16), np.float32)
        if any(sight.find(subject) for sight in self._sights):
            heat[4:12, :8] = _CERTAIN
        return heat


def seen(
    subject: str, colour: str = "red", x: float = 0.5, y: float = 0.5, confidence: float = _CERTAIN
) -> Sighting:
    return Sighting(subject, colour, 0.2, (x, y), (x - 0.2, y - 0.2, x + 0.2, y + 0.2), confidence)


def sight(*subjects: Sighting, sure: float = _CERTAIN, **facts: str) -> Sight:
    """A flat picture of a meadow on a clear day, but for what is said."""
    plain = {name: answers[0] for name, answers in FACTS.items()} | {"setting": "meadow", **facts}
    return Sight(subjects, {name: (answer, sure) for name, answer in plain.items()})


def perfect(scene: Scene) -> Sight:
    """What a critic without fault sees."""
    shown = truth(scene)
    subjects = tuple(
        Sighting(
            each.name,
            each.colour,
            0.1,
            ((each.box[0] + each.box[2]) / 2, (each.box[1] + each.box[3]) / 2),
            each.box,
            1.0,
        )
        for each in shown.subjects
    )
    return Sight(subjects, {name: (answer, 1.0) for name, answer in facts_of_scene(scene).items()})
